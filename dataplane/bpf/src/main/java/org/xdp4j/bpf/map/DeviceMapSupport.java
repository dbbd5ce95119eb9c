package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * What both kinds of device map share: the value ({@code struct bpf_devmap_val}).
 *
 * <pre>
 *  0          4                    8
 *    | ifindex  | program descriptor |      the second half only where values are 8 bytes;
 *                                            read, it is the program's id
 * </pre>
 */
final class DeviceMapSupport {
  private DeviceMapSupport() {}

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY;
    new SpecCheck(spec)
        .flags(flags)
        .keySize(4)
        .valueSize(4, 8)
        .entries()
        .heap(HashStore.HEAP_PER_ELEMENT + 4);
  }

  /** The value at an address as one number: ifindex below, descriptor above. */
  static long load(MemorySegment memory, long value, int valueSize) {
    return valueSize == 8
        ? memory.get(Region.LONG, value)
        : memory.get(Region.INT, value) & 0xFFFFFFFFL;
  }

  /** The value that is read of a number and a program: what Linux says of it is its id. */
  static long value(int number, Executable program) {
    return number & 0xFFFFFFFFL | (long) (program == null ? 0 : program.id()) << 32;
  }

  /** Whether entries of {@code map} may have a program that runs where frames leave. */
  static boolean takes(BpfMap map, MapProgram program) {
    return map.valueSize == 8
        && program.kind().attach().equals("devmap")
        && map.admits(program.kind());
  }

  /** Whether a value names a program by its descriptor, which only means something in a kernel. */
  static boolean namesProgram(long value) {
    return (int) (value >>> 32) > 0;
  }
}
