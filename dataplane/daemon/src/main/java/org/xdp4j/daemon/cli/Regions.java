package org.xdp4j.daemon.cli;

import org.xdp4j.bpf.memory.Region;

/** How much memory programs get. */
final class Regions {
  /** Address space for maps and frames; only what is touched becomes memory. */
  private static final long SIZE = 1L << 36;

  private Regions() {}

  /** The address space of one command's programs, or as much of it as the system allows. */
  static Region reserve() {
    return Region.reserve(SIZE);
  }
}
