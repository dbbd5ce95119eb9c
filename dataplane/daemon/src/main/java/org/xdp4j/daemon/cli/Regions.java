package org.xdp4j.daemon.cli;

import org.xdp4j.bpf.memory.Region;

/** How much memory programs get. */
final class Regions {
  /** Address space for maps and frames; only what is touched becomes memory. */
  private static final long SIZE = 1L << 36;

  private Regions() {}

  /** Begins to make ready what {@link #reserve} needs, when the verb is one that runs programs. */
  static void prepare(String... arguments) {
    if (arguments.length > 1
        && (arguments[0].equals("replay") || arguments[0].equals("test-run"))) {
      Region.prepare();
    }
  }

  /** The address space of one command's programs, or as much of it as the system allows. */
  static Region reserve() {
    return Region.reserve(SIZE);
  }
}
