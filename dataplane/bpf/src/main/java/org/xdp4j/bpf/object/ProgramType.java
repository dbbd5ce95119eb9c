package org.xdp4j.bpf.object;

/** What a section's name says of its programs (libbpf, {@code section_defs}). */
public enum ProgramType {
  /**
   * {@code xdp}, {@code xdp.frags}, {@code xdp/...} and bare old names beginning with {@code xdp}.
   */
  XDP,
  /**
   * {@code xdp/devmap}, {@code xdp.frags/devmap}: runs on a frame leaving through a devmap entry.
   */
  XDP_DEVMAP,
  /**
   * {@code xdp/cpumap}, {@code xdp.frags/cpumap}: runs on a frame arriving through a cpumap entry.
   */
  XDP_CPUMAP,
  /** Anything else: read and listed, run only when asked to be taken as XDP. */
  OTHER;

  /** Whether it is an XDP program of some kind. */
  public boolean isXdp() {
    return this != OTHER;
  }
}
