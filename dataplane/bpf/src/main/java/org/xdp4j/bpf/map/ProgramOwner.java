package org.xdp4j.bpf.map;

/**
 * What kind of program a map takes: that of the first one that used it or was put into it, for as
 * long as the map is there (kernel/bpf/core.c, __bpf_prog_map_compatible). Linux tells compiled
 * programs from interpreted ones too, which here can follow each other.
 */
public final class ProgramOwner {
  private ProgramKind owner;

  /**
   * Whether a program of this kind may use the map or stand in it; the first one always may.
   *
   * @param attachCounts whether it must run at the owner's place too, as what is jumped to must,
   *     but not what runs on an entry's frames
   */
  public synchronized boolean admits(ProgramKind kind, boolean attachCounts) {
    if (owner == null) {
      owner = kind;
      return true;
    }
    return owner.frags() == kind.frags() && (!attachCounts || owner.attach().equals(kind.attach()));
  }

  /** The first one's kind, or null. */
  public synchronized ProgramKind kind() {
    return owner;
  }
}
