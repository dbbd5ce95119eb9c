package org.xdp4j.daemon.cli;

import java.util.List;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;

/** How much memory programs get. */
final class Regions {
  /** Address space for maps and frames; only what is touched becomes memory. */
  private static final long SIZE = 1L << 36;

  /** Committed at once, which is soon done for this little. */
  private static final long SMALL_SIZE = 2L << 20;

  /** Maps that stay far below it: stacks, and frames where they lie in a capture, need the rest. */
  private static final long SMALL_MAPS = SMALL_SIZE / 8;

  /** The most that any map type keeps of its own with an entry. */
  private static final long ENTRY_OVERHEAD = 64;

  private Regions() {}

  /**
   * Has the JVM initialise what regions stand on, on a thread of its own, while the arguments of a
   * verb that runs programs are read.
   */
  static void prepare(String... arguments) {
    if (arguments.length > 1
        && (arguments[0].equals("replay") || arguments[0].equals("test-run"))) {
      Thread.ofPlatform()
          .name("region-prepare")
          .daemon()
          .start(() -> Region.commit(2 * Region.FIRST_ADDRESS).close());
    }
  }

  /** The address space of one command's programs, or as much of it as the system allows. */
  static Region reserve() {
    return Region.reserve(SIZE);
  }

  /**
   * The same for a program that runs alone and needs no memory for frames beyond some hundred
   * kilobytes: when its maps are small, too, little memory does, and is had sooner.
   */
  static Region reserve(List<MapSpec> maps) {
    return areSmall(maps) ? Region.commit(SMALL_SIZE) : reserve();
  }

  /** Whether the maps certainly stay small, whatever is put into them. */
  private static boolean areSmall(List<MapSpec> maps) {
    double bytes = 0;
    for (MapSpec map : maps) {
      if (map.inner() != null) {
        return false;
      }
      double entry = 2 * ((double) map.keySize() + map.valueSize() + ENTRY_OVERHEAD);
      bytes += entry * Integer.toUnsignedLong(map.maxEntries());
    }
    return bytes <= SMALL_MAPS;
  }
}
