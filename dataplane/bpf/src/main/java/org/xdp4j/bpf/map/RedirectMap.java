package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;

/** What {@code bpf_redirect_map} needs of a map whose values are places to send frames to. */
public interface RedirectMap {
  /** Send to every target of the map (BPF_F_BROADCAST, linux/bpf.h). */
  long BROADCAST = 1L << 3;

  /** But not back to where the frame came from (BPF_F_EXCLUDE_INGRESS). */
  long EXCLUDE_INGRESS = 1L << 4;

  /** Whether there is a target under {@code key}. */
  boolean hasTarget(int key);

  /**
   * Whether a value and a program that were read one after the other are of one entry, which others
   * may have changed between: a frame goes where its entry says, and not without the entry's
   * program. Who finds that they are not reads both again.
   */
  static boolean whole(long value, Executable program) {
    return (int) (value >>> 32) == (program == null ? 0 : program.id());
  }

  /** The flags a redirect through it may have, beyond the return code on a miss. */
  long redirectFlags();
}
