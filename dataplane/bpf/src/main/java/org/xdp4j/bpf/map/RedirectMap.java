package org.xdp4j.bpf.map;

/** What {@code bpf_redirect_map} needs of a map whose values are places to send frames to. */
public interface RedirectMap {
  /** Send to every target of the map (BPF_F_BROADCAST, linux/bpf.h). */
  long BROADCAST = 1L << 3;

  /** But not back to where the frame came from (BPF_F_EXCLUDE_INGRESS). */
  long EXCLUDE_INGRESS = 1L << 4;

  /** Whether there is a target under {@code key}. */
  boolean hasTarget(int key);

  /** The flags a redirect through it may have, beyond the return code on a miss. */
  long redirectFlags();
}
