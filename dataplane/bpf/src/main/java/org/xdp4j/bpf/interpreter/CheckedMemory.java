package org.xdp4j.bpf.interpreter;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;

/**
 * Everything one run of a program may touch. Each access must lie whole in one of:
 *
 * <pre>
 *  context      reads of whole 32-bit fields of struct xdp_md only
 *  stacks       of the call frames that are active, 512 bytes each
 *  packet       data_meta up to data_end, as they are now
 *  map values   one value of one map, unless the map's flags forbid it
 *  map keys     reads of one key that a map walk may hand out
 *  objects      one that a program allocated
 *  spans        given by the options
 * </pre>
 */
final class CheckedMemory {
  private final XdpContext context;
  private final MemorySegment segment;
  private final ReachableMaps maps;
  private final List<InterpreterOptions.Span> spans;
  private final long stackEnd;
  private long stackStart;

  /**
   * @param stackEnd the first call frame's r10
   */
  CheckedMemory(
      XdpContext context, ReachableMaps maps, List<InterpreterOptions.Span> spans, long stackEnd) {
    this.context = context;
    this.segment = context.region.segment();
    this.maps = maps;
    this.spans = spans;
    this.stackEnd = stackEnd;
  }

  /** Says which call frame is the innermost now. */
  void enter(long framePointer) {
    stackStart = framePointer - XdpContext.STACK_SIZE;
  }

  /** Why the program may not read there, or null. */
  String refuseRead(long address, long size) {
    return refuse("load", address, size, MapSpec.F_WRONLY_PROG);
  }

  /** Why the program may not write there, or null. */
  String refuseWrite(long address, long size) {
    return refuse("store", address, size, MapSpec.F_RDONLY_PROG);
  }

  private String refuse(String what, long address, long size, int forbidden) {
    if (within(address, size, stackStart, stackEnd)
        || within(address, size, context.dataMeta, context.dataEnd)
        || within(address, size, context.fragsStart, context.fragsStart + context.fragsSize)) {
      return null;
    }
    for (InterpreterOptions.Span span : spans) {
      if (span.contains(address, size)) {
        return null;
      }
    }
    if (context.region.objects().contains(address, size)) {
      return null;
    }
    if (forbidden == MapSpec.F_WRONLY_PROG && context.isKeyWord(address, size)) {
      return null;
    }
    String bytes = size == 1 ? " byte" : " bytes";
    String access = what + " of " + size + bytes + " at 0x" + Long.toHexString(address);
    boolean read = forbidden == MapSpec.F_WRONLY_PROG;
    BpfMap map =
        maps.find(m -> read && m.containsKey(address, size) || m.containsValue(address, size));
    if (map == null) {
      return access + " is in no memory of the program";
    }
    boolean key = read && map.containsKey(address, size);
    boolean refused = !key && (map.spec().flags() & forbidden) != 0;
    return refused ? access + " is not allowed by the flags of map " + map.name() : null;
  }

  private static boolean within(long address, long size, long start, long end) {
    return size >= 0 && address >= start && address <= end - size;
  }

  /** Whether the address points into {@code struct xdp_md}. */
  boolean isContext(long address) {
    return address >= context.address && address < context.address + XdpContext.XDP_MD_SIZE;
  }

  /** The field of {@code struct xdp_md} at this address, or null when no field begins there. */
  Long contextField(long address) {
    return switch ((int) (address - context.address)) {
      case 0 -> context.data;
      case 4 -> context.dataEnd;
      case 8 -> context.dataMeta;
      case 12 -> context.ingressIfindex & 0xffffffffL;
      case 16 -> context.rxQueueIndex & 0xffffffffL;
      case 20 -> context.egressIfindex & 0xffffffffL;
      default -> null;
    };
  }

  /** Whether a field holds a 64-bit address, though the program sees a 32-bit field. */
  boolean isPointerField(long address) {
    return address - context.address < 12;
  }

  /** Loads without checking. */
  long load(int size, boolean signed, long address) {
    return switch (size) {
      case 1 -> {
        byte value = segment.get(Region.BYTE, address);
        yield signed ? value : value & 0xffL;
      }
      case 2 -> {
        short value = segment.get(Region.SHORT, address);
        yield signed ? value : value & 0xffffL;
      }
      case 4 -> {
        int value = segment.get(Region.INT, address);
        yield signed ? value : value & 0xffffffffL;
      }
      default -> segment.get(Region.LONG, address);
    };
  }

  /** Loads, where nothing is 0. */
  long probe(int size, boolean signed, long address) {
    return context.region.holds(address, size) ? load(size, signed, address) : 0;
  }

  /** Stores without checking. */
  void store(int size, long address, long value) {
    switch (size) {
      case 1 -> segment.set(Region.BYTE, address, (byte) value);
      case 2 -> segment.set(Region.SHORT, address, (short) value);
      case 4 -> segment.set(Region.INT, address, (int) value);
      default -> segment.set(Region.LONG, address, value);
    }
  }
}
