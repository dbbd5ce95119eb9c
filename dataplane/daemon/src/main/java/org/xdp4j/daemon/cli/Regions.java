package org.xdp4j.daemon.cli;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;

/** How much memory programs get. */
final class Regions {
  /** Address space for maps and frames; only what is touched becomes memory. */
  private static final long SIZE = 1L << 36;

  /** Enough for few small maps, all frames of one worker, and its stacks. */
  private static final long SMALL_SIZE = 16L << 20;

  /** Maps that are taken for small. */
  private static final long SMALL_MAPS = 2L << 20;

  /** The most that any map type keeps of its own with an entry. */
  private static final long ENTRY_OVERHEAD = 64;

  /** The first small region of the process, while nobody has it. */
  private static CompletableFuture<Region> prepared;

  private Regions() {}

  /** Begins to make ready what {@link #reserve} needs, when the verb is one that runs programs. */
  static synchronized void prepare(String... arguments) {
    if (arguments.length > 1
        && (arguments[0].equals("replay") || arguments[0].equals("test-run"))) {
      prepared = new CompletableFuture<>();
      CompletableFuture<Region> promise = prepared;
      Thread.ofPlatform()
          .name("region-prepare")
          .daemon()
          .start(() -> promise.complete(commitOrNull()));
    }
  }

  private static Region commitOrNull() {
    try {
      return Region.commit(SMALL_SIZE);
    } catch (OutOfMemoryError refused) {
      return null;
    }
  }

  /**
   * The address space of one command's programs, or as much of it as the system allows. Little when
   * the maps need little: that is had at once.
   */
  static Region reserve(List<MapSpec> maps, int workers) {
    Region small = workers == 1 && areSmall(maps) ? small() : null;
    return small == null ? Region.reserve(SIZE) : small;
  }

  private static synchronized Region small() {
    CompletableFuture<Region> ready = prepared;
    prepared = null;
    return ready == null ? commitOrNull() : ready.join();
  }

  /** Whether the maps certainly stay far below a small region, whatever is put into them. */
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
