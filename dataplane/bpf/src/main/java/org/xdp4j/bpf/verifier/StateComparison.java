package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.verifier.StackObject.Dynptr;
import org.xdp4j.bpf.verifier.StackObject.IrqFlag;
import org.xdp4j.bpf.verifier.StackObject.OpenIterator;

/**
 * Whether a state adds nothing to one seen before at the same instruction: whatever it may be, the
 * old one may be too, as far as anything behind there could tell them apart.
 */
final class StateComparison {
  /** How much is compared. */
  enum Mode {
    /** What may still be read, and of scalars only those whose value mattered behind the old. */
    RELEVANT,
    /** Everything the new state may be must be within the old one. */
    WITHIN,
    /** The two must be the same. */
    SAME
  }

  private final Verification v;
  private final IdMap ids = new IdMap();

  StateComparison(Verification v) {
    this.v = v;
  }

  /** Whether {@code old} covers {@code state}. */
  boolean covers(VerifierState old, VerifierState state, Mode mode) {
    if (old.depth != state.depth
        || old.acquired.size() != state.acquired.size()
        || old.rcuSections != state.rcuSections
        || old.preemptSections != state.preemptSections) {
      return false;
    }
    ids.reset();
    for (int i = 0; i < old.acquired.size(); i++) {
      VerifierState.Acquired a = old.acquired.get(i);
      VerifierState.Acquired b = state.acquired.get(i);
      if (a.resource() != b.resource() || a.map() != b.map() || !ids.pair(a.id(), b.id())) {
        return false;
      }
    }
    for (int f = 0; f < old.depth; f++) {
      Frame a = old.frames[f];
      Frame b = state.frames[f];
      if (a.callSite != b.callSite || a.function != b.function || a.contract != b.contract) {
        return false;
      }
      // The old one may have been on the point of leaving a loop that the new one goes on in.
      if (a.callbackDepth > b.callbackDepth) {
        return false;
      }
    }
    for (int f = old.depth - 1; f >= 0; f--) {
      if (!registers(old, state, f, mode) || !stack(old, state, f, mode)) {
        return false;
      }
    }
    return true;
  }

  private boolean registers(VerifierState old, VerifierState state, int f, Mode mode) {
    int live = live(old, f);
    for (int r = 0; r < 10; r++) {
      if ((live >>> r & 1) == 0) {
        continue;
      }
      boolean precise = (old.frames[f].preciseRegisters >>> r & 1) != 0;
      RegisterState a = old.frames[f].registers[r];
      if (!register(a, state.frames[f].registers[r], precise, mode)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Registers of frame {@code f} that may be read: in outer frames, once the call returned; under a
   * callback, once it is made again.
   */
  private int live(VerifierState state, int f) {
    return live(v.liveness, v.program.instructions(), state, f);
  }

  static int live(Liveness liveness, List<Instruction> program, VerifierState state, int f) {
    if (f == state.depth - 1) {
      return liveness.before(state.instruction);
    }
    int site = state.frames[f + 1].callSite;
    if (state.frames[f + 1].contract != null) {
      return liveness.before(site);
    }
    return liveness.before(site + 1) & ~Liveness.written(program.get(site));
  }

  private boolean register(RegisterState old, RegisterState now, boolean precise, Mode mode) {
    if (mode == Mode.SAME) {
      return same(old, now);
    }
    if (!old.isInitialised()) {
      return true;
    }
    if (old.kind() != now.kind() || old.nullable() != now.nullable()) {
      return false;
    }
    return switch (old.kind()) {
      case UNINITIALISED, ARENA -> true;
      case SCALAR -> scalar(old, now, precise, mode);
      case MAP_VALUE, MAP_KEY, MEMORY -> memory(old, now);
      case PACKET, PACKET_META -> packet(old, now);
      default -> same(old, now);
    };
  }

  private boolean scalar(RegisterState old, RegisterState now, boolean precise, Mode mode) {
    if (mode == Mode.RELEVANT && !precise) {
      return true;
    }
    if (old.id() != 0 && !sameLink(old, now)) {
      return false;
    }
    return old.range().contains(now.range()) && ids.pairScalars(old.id(), now.id());
  }

  private static boolean sameLink(RegisterState old, RegisterState now) {
    return old.linkedByAdd() == now.linkedByAdd()
        && old.linked32() == now.linked32()
        && old.offset() == now.offset();
  }

  private boolean memory(RegisterState old, RegisterState now) {
    return old.pointee().isLike(now.pointee())
        && old.offset() == now.offset()
        && old.range().contains(now.range())
        && ids(old, now);
  }

  private boolean packet(RegisterState old, RegisterState now) {
    boolean reach =
        old.packetRange() < 0
            ? old.packetRange() == now.packetRange()
            : old.packetRange() <= now.packetRange()
                || now.packetRange() < 0 && old.packetRange() == 0;
    return reach
        && old.offset() == now.offset()
        && old.range().contains(now.range())
        && ids.pair(old.id(), now.id());
  }

  private boolean same(RegisterState old, RegisterState now) {
    boolean same =
        old == now
            || old.kind() == now.kind()
                && old.nullable() == now.nullable()
                && sameLink(old, now)
                && old.packetRange() == now.packetRange()
                && old.pointee().isLike(now.pointee())
                && old.range().equals(now.range());
    return same && ids(old, now);
  }

  private boolean ids(RegisterState old, RegisterState now) {
    return ids.pair(old.id(), now.id())
        && ids.pair(old.mapId(), now.mapId())
        && ids.pair(old.reference(), now.reference());
  }

  private boolean stack(VerifierState old, VerifierState state, int f, Mode mode) {
    Frame a = old.frames[f];
    Frame b = state.frames[f];
    for (int i = 0; i < a.slots(); i++) {
      boolean relevant = mode != Mode.RELEVANT || (a.readSlots >>> i & 1) != 0;
      boolean precise = (a.preciseSlots >>> i & 1) != 0;
      if (relevant && !slot(a.slot(i), b.slot(i), precise, mode)) {
        return false;
      }
    }
    return true;
  }

  private boolean slot(StackSlot old, StackSlot now, boolean precise, Mode mode) {
    if (old == now && old.spilled() == null && old.object() == null) {
      return true;
    }
    if (mode != Mode.SAME) {
      RegisterState oldScalar = old.wholeScalar();
      RegisterState newScalar = now.wholeScalar();
      if (oldScalar != null && newScalar != null) {
        return register(oldScalar, newScalar, precise, mode);
      }
    }
    if (old.object() != null) {
      return object(old.object(), now.object(), mode);
    }
    return bytes(old, now, mode)
        && (old.spilled() == null || register(old.spilled(), now.spilled(), precise, mode));
  }

  private boolean object(StackObject old, StackObject now, Mode mode) {
    if (!old.isLike(now) || !ids.pair(old.reference(), now.reference())) {
      return false;
    }
    return switch (old) {
      case Dynptr dynptr -> ids.pair(dynptr.id(), ((Dynptr) now).id());
      // Another number is another turn of the loop, be it like the one before.
      case OpenIterator iterator ->
          mode != Mode.SAME
              || iterator.drained()
              || iterator.depth() == ((OpenIterator) now).depth();
      case IrqFlag flag -> true;
    };
  }

  private static boolean bytes(StackSlot old, StackSlot now, Mode mode) {
    if (old.kinds() == now.kinds()) {
      return true;
    }
    for (int i = 0; i < 8; i++) {
      int kind = old.kind(i);
      // Of a loop not all is known yet that will be read: what there was nothing in may be a
      // pointer now.
      boolean anything = mode == Mode.RELEVANT && (kind == Frame.INVALID || kind == Frame.MISC);
      if (!anything && kind != now.kind(i)) {
        return false;
      }
    }
    return true;
  }
}
