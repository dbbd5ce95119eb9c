package org.xdp4j.bpf.interpreter;

import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;

/** One call of a helper: its arguments checked against its signature, then the helper itself. */
final class HelperCall {
  private final CheckedMemory memory;
  private final XdpContext context;
  private final ReachableMaps maps;

  HelperCall(CheckedMemory memory, XdpContext context, ReachableMaps maps) {
    this.memory = memory;
    this.context = context;
    this.maps = maps;
  }

  /** What is wrong with the arguments, or null. */
  String refuse(HelperSpec helper, long[] registers) {
    BpfMap map = null;
    List<ArgumentKind> kinds = helper.arguments();
    for (int i = 0; i < kinds.size(); i++) {
      long value = registers[i + 1];
      long size = i + 1 < kinds.size() ? registers[i + 2] : 0;
      if (kinds.get(i) == ArgumentKind.CONST_MAP) {
        map = mapAt(value);
        if (map == null) {
          return "r" + (i + 1) + " of " + helper.name() + " is no map";
        }
        if (!helper.mapTypes().isEmpty() && !helper.mapTypes().contains(map.spec().type())) {
          return helper.name() + " does not take a map of type " + map.spec().type();
        }
      }
      String reason = refuse(kinds.get(i), value, size, map);
      if (reason != null) {
        return "r" + (i + 1) + " of " + helper.name() + ": " + reason;
      }
    }
    return null;
  }

  private String refuse(ArgumentKind kind, long value, long size, BpfMap map) {
    return switch (kind) {
      case CONTEXT -> value == context.address ? null : "not the context";
      case MAP_KEY -> memory.refuseRead(value, map.spec().keySize());
      case MAP_VALUE -> memory.refuseRead(value, map.spec().valueSize());
      case UNINIT_MAP_VALUE -> memory.refuseWrite(value, map.spec().valueSize());
      case MEM -> refuseRead(value, size);
      case MEM_OR_NULL -> value == 0 ? null : refuseRead(value, size);
      case UNINIT_MEM -> refuseWrite(value, size);
      case UNINIT_MEM_OR_NULL -> value == 0 ? null : refuseWrite(value, size);
      case RESERVED_MEM -> refuseWrite(value, 1);
      case MEM_2 -> refuseWrite(value, 2);
      case MEM_4 -> refuseWrite(value, 4);
      case MEM_8,
          NEW_ITERATOR,
          ITERATOR,
          DESTROYED_ITERATOR,
          NEW_IRQ_FLAG,
          IRQ_FLAG,
          NEW_LOCK_IRQ_FLAG,
          LOCK_IRQ_FLAG,
          KPTR_FIELD,
          RES_SPIN_LOCK,
          HELD_RES_SPIN_LOCK ->
          refuseWrite(value, 8);
      case MEM_16 -> refuseWrite(value, 16);
      case MEM_64 -> refuseWrite(value, 64);
      case READ_WRITE_MEM, READ_WRITE_MEM_OR_NULL -> value == 0 ? null : refuseWrite(value, size);
      case NEW_BITS_ITERATOR, BITS_ITERATOR, DESTROYED_BITS_ITERATOR, LIST_HEAD, RB_ROOT ->
          refuseWrite(value, 16);
      case DROPPED_OBJECT, DROPPED_PERCPU_OBJECT, PERCPU_OBJECT -> refuseObject(value, value);
      case REFCOUNTED_OBJECT, LIST_NODE, RB_NODE, LENT_RB_NODE ->
          refuseObject(value, context.region.objects().startOf(value));
      case GIVEN_OBJECT_OR_NULL -> value == 0 ? null : refuseObject(value, value);
      case LOCAL_MEM -> refuseWrite(value, size);
      case OPTIONAL_BUFFER -> value == 0 ? null : refuseWrite(value, size);
      case DYNPTR,
          NEW_LOCAL_DYNPTR,
          NEW_RINGBUF_DYNPTR,
          NEW_PACKET_DYNPTR,
          NEW_DYNPTR_CLONE,
          RELEASED_DYNPTR ->
          context.isLentDynptr(value) ? null : refuseWrite(value, 16);
      case CONST_STRING -> refuseRead(value, 1);
      case WRITABLE_MEM -> refuseWrite(value, size);
      case UNINIT_LONG, INT_IN_OUT, IPV4_HEADER, IPV6_HEADER, TCP_HEADER ->
          kind.writes()
              ? memory.refuseWrite(value, kind.size())
              : memory.refuseRead(value, kind.size());
      case SPIN_LOCK -> memory.refuseWrite(value, SpecialField.Kind.SPIN_LOCK.size());
      case WORK_QUEUE -> memory.refuseWrite(value, SpecialField.Kind.WORK_QUEUE.size());
      case TIMER -> memory.refuseWrite(value, SpecialField.Kind.TIMER.size());
      case SIZE -> value > 0 ? null : "a size of " + value;
      case SIZE_OR_ZERO -> value >= 0 ? null : "a size of " + value;
      default -> null;
    };
  }

  private String refuseObject(long address, long start) {
    boolean isObject =
        start != 0
            && context.region.objects().startOf(address) == start
            && context.region.objects().ownerOf(start) instanceof ObjectType;
    return isObject ? null : "0x" + Long.toHexString(address) + " is no allocated object";
  }

  private String refuseRead(long address, long size) {
    return size == 0 ? null : memory.refuseRead(address, size);
  }

  private String refuseWrite(long address, long size) {
    return size == 0 ? null : memory.refuseWrite(address, size);
  }

  /** The map a register holds, or null when it holds none. */
  BpfMap mapAt(long address) {
    return maps.at(context.region, address);
  }

  /** Calls the helper and returns r0. */
  long call(HelperSpec helper, long[] registers) {
    try {
      return (long)
          helper
              .handle()
              .invokeExact(
                  context, registers[1], registers[2], registers[3], registers[4], registers[5]);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new IllegalStateException(helper.name() + " failed", failure);
    }
  }
}
