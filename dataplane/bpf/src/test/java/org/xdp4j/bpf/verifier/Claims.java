package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.memory.Region;

/** Whether a value that a run really has is one the verifier said it may have. */
final class Claims {
  /** Beyond this many possible offsets the start of a map value is not looked for. */
  private static final long SEARCH = 512;

  private final XdpContext context;
  private final List<BpfMap> maps;

  Claims(XdpContext context, List<BpfMap> maps) {
    this.context = context;
    this.maps = maps;
  }

  /**
   * What is wrong with {@code value}, or null.
   *
   * @param root the number of the frame that the claim calls frame 0
   */
  String check(RegisterState claim, long value, int root) {
    if (claim.nullable() && value == 0) {
      return null;
    }
    boolean holds =
        switch (claim.kind()) {
          case UNINITIALISED -> true;
          case SCALAR -> claim.range().contains(value);
          case CONTEXT -> isAt(claim, value, context.address);
          case STACK -> isAt(claim, value, frameTop(root + claim.frame()));
          case PACKET -> isPacket(claim, value, context.data, context.dataEnd);
          case PACKET_META -> isPacket(claim, value, context.dataMeta, context.data);
          case PACKET_END -> isAt(claim, value, context.dataEnd);
          case MAP -> isMap(claim, value);
          case MAP_VALUE -> isMapValue(claim, value);
          case OBJECT -> isObject(claim, value);
          // Wherever it leads, nothing is claimed of what is there.
          case ARENA -> true;
          case FUNCTION -> !claim.hasFixedOffset() || value == claim.size() + claim.fixedOffset();
          case MEMORY -> claim.isAnyMemory() || value != 0;
          case KERNEL_STRUCT -> claim.has(RegisterState.UNTRUSTED) || value != 0;
          default -> value != 0;
        };
    return holds ? null : "0x%x is not %s".formatted(value, claim.describe());
  }

  long frameTop(int frame) {
    return context.stackTop - (long) frame * XdpContext.STACK_SIZE;
  }

  private static boolean isAt(RegisterState claim, long value, long base) {
    return claim.range().contains(value - base - claim.offset());
  }

  /** The claimed offset from the start, and all bytes that were proved to lie before the end. */
  private static boolean isPacket(RegisterState claim, long value, long start, long end) {
    if (!isAt(claim, value, start)) {
      return false;
    }
    return switch (claim.packetRange()) {
      case RegisterState.BEYOND_END -> Long.compareUnsigned(value, end) > 0;
      case RegisterState.AT_END -> Long.compareUnsigned(value, end) >= 0;
      case 0 -> true;
      default -> value - claim.offset() + claim.packetRange() <= end;
    };
  }

  private boolean isMap(RegisterState claim, long value) {
    if (claim.mapIndex() >= 0) {
      return maps.get(claim.mapIndex()).address() == value - claim.fixedOffset();
    }
    for (BpfMap map : InnerMaps.withInner(maps)) {
      if (map != null && map.address() == value && InnerMaps.fits(claim.map(), map.spec())) {
        return true;
      }
    }
    return false;
  }

  private boolean isMapValue(RegisterState claim, long value) {
    List<BpfMap> candidates =
        claim.mapIndex() >= 0
            ? List.of(maps.get(claim.mapIndex()))
            : InnerMaps.withInner(maps).stream().filter(m -> m != null && fits(claim, m)).toList();
    ScalarRange range = claim.range();
    if (range.smax() - range.smin() > SEARCH || range.smax() - range.smin() < 0) {
      return true;
    }
    for (BpfMap map : candidates) {
      if (map.spec().inner() != null) {
        return value != 0;
      }
      for (long by = range.smin(); by <= range.smax(); by++) {
        long start = value - claim.offset() - by;
        if (range.contains(by) && map.containsValue(start, claim.map().valueSize())) {
          return true;
        }
      }
    }
    return false;
  }

  /** What may be gone need not be there; what is owned or lent is, and of its type. */
  private boolean isObject(RegisterState claim, long value) {
    boolean surely = claim.isOwnedObject() || claim.has(RegisterState.NON_OWNING);
    if (!surely || claim.has(RegisterState.RCU) || !claim.hasFixedOffset()) {
      return value != 0;
    }
    long start = value - claim.fixedOffset();
    return context.region.objects().startOf(start) == start
        && claim.object().equals(context.region.objects().ownerOf(start));
  }

  private static boolean fits(RegisterState claim, BpfMap map) {
    return InnerMaps.fits(claim.map(), map.spec());
  }

  /** What is wrong with the bytes of a stack slot, or null. */
  String checkSlot(Frame frame, int number, int slot, Unclaimed unclaimed, int root) {
    StackSlot kinds = frame.slot(slot);
    if (kinds == StackSlot.INVALID) {
      return null;
    }
    int offset = -8 * slot - 8;
    long at = frameTop(root + number) + offset;
    RegisterState spilled = frame.spilled(slot);
    int held = spilled == null ? 0 : frame.spilledBytes(slot);
    for (int i = held; i < 8; i++) {
      boolean zero = kinds.kind(i) == Frame.ZERO;
      if (zero
          && !unclaimed.anyDead(number, offset + i, 1)
          && !unclaimed.anyLoose(number, offset + i, 1)
          && context.region.segment().get(Region.BYTE, at + i) != 0) {
        return "byte at fp - " + -(offset + i) + " is not zero";
      }
    }
    if (held == 0
        || unclaimed.anyDead(number, offset, held)
        || unclaimed.anyLoose(number, offset, held)) {
      return null;
    }
    String wrong = checkSpill(spilled, context.region.segment().get(Region.LONG, at), held, root);
    return wrong == null ? null : "slot at fp - " + -offset + ": " + wrong;
  }

  /** What is wrong with the low {@code held} bytes of a slot, or null. */
  String checkSpill(RegisterState spilled, long word, int held, int root) {
    if (held == 8) {
      return check(spilled, word, root);
    }
    long low = word & (1L << held * 8) - 1;
    return spilled.range().truncated(held).contains(low)
        ? null
        : "the low %d bytes, 0x%x, are not those of %s".formatted(held, low, spilled.describe());
  }
}
