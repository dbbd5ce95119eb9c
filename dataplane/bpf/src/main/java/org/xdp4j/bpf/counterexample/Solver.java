package org.xdp4j.bpf.counterexample;

import static org.xdp4j.bpf.isa.Opcode.*;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;

/**
 * Changes an input so that a value comes out as wanted, by undoing one operation after the other.
 * Where more than one value would do, the one nearest to what there was is taken; where two parts
 * of an operation depend on the input, one of them is changed.
 */
final class Solver {
  private static final int DEEPEST = 64;

  private final Input input;

  Solver(Input input) {
    this.input = input;
  }

  /** Changes the input so that {@code node} is {@code target}; false when it does not know how. */
  boolean solve(Node node, long target) {
    return switch (node) {
      case null -> false;
      case Node.Bytes b ->
          fits(target, b.size(), b.signed()) && input.setBytes(b.offset(), b.size(), target);
      case Node.End e -> setEnd(target - e.moved() - e.data());
      case Node.Field f -> setField(f.offset(), target);
      case Node.Value v ->
          fits(target, v.size(), v.signed())
              && input.setValue(v.place(), v.offset(), v.size(), target);
      case Node.Lookup l -> input.setPresent(l.place(), target != 0, l.valueSize());
      case Node.Operation o -> Node.depth(o) <= DEEPEST && undo(o, target);
    };
  }

  private boolean setEnd(long length) {
    if (length < 0 || length > Input.MOST_BYTES) {
      return false;
    }
    input.length = (int) length;
    return true;
  }

  private boolean setField(int offset, long target) {
    if (target >>> 32 != 0) {
      return false;
    }
    switch (offset) {
      case 12 -> input.ingressIfindex = (int) target;
      case 16 -> input.rxQueueIndex = (int) target;
      default -> {
        return false;
      }
    }
    return offset + 4 <= XdpContext.XDP_MD_SIZE;
  }

  private static boolean fits(long target, int size, boolean signed) {
    int shift = 64 - size * 8;
    return target == (signed ? target << shift >> shift : target << shift >>> shift);
  }

  private boolean undo(Node.Operation o, long target) {
    Instruction i = o.instruction();
    boolean is32 = i.instructionClass() == ALU;
    if (is32 && target >>> 32 != 0) {
      return false;
    }
    return switch (i.operation()) {
      case MOV -> move(o, i, is32, target);
      case END -> solve(o.left(), swapped(i, target));
      case NEG -> solve(o.left(), narrow(is32, -target));
      case ADD ->
          split(o, target)
              || solve(o.left(), narrow(is32, target - o.rightValue()))
              || solve(o.right(), narrow(is32, target - o.leftValue()));
      case SUB ->
          solve(o.left(), narrow(is32, target + o.rightValue()))
              || solve(o.right(), narrow(is32, o.leftValue() - target));
      case XOR ->
          solve(o.left(), narrow(is32, target ^ o.rightValue()))
              || solve(o.right(), narrow(is32, target ^ o.leftValue()));
      case OR ->
          split(o, target)
              || (target & o.rightValue()) == o.rightValue()
                  && solve(o.left(), target & ~o.rightValue() | o.leftValue() & o.rightValue());
      case AND ->
          (target & ~o.rightValue()) == 0
              && solve(o.left(), narrow(is32, o.leftValue() & ~o.rightValue() | target));
      case LSH, RSH, ARSH -> shift(o, i, is32, target);
      case MUL -> multiply(o, target);
      case DIV ->
          i.offset() == 0
              && o.rightValue() > 0
              && solve(o.left(), narrow(is32, target * o.rightValue()));
      case MOD -> o.rightValue() > target && target >= 0 && solve(o.left(), target);
      default -> false;
    };
  }

  private static long narrow(boolean is32, long value) {
    return is32 ? value & 0xffffffffL : value;
  }

  private boolean move(Node.Operation o, Instruction i, boolean is32, long target) {
    if (i.offset() == 0) {
      return solve(o.left(), is32 ? target | o.rightValue() & ~0xffffffffL : target);
    }
    int shift = 64 - i.offset();
    long extended = target << shift >> shift;
    return narrow(is32, extended) == target && solve(o.left(), target << shift >>> shift);
  }

  private static long swapped(Instruction i, long target) {
    boolean swap = i.instructionClass() == ALU64 || i.usesSource();
    return swap ? Long.reverseBytes(target) >>> 64 - i.imm() : target;
  }

  private boolean shift(Node.Operation o, Instruction i, boolean is32, long target) {
    int width = is32 ? 32 : 64;
    int by = (int) o.rightValue() & width - 1;
    if (i.operation() == LSH) {
      long child = target >>> by;
      return narrow(is32, child << by) == target && solve(o.left(), child);
    }
    long low = by == 0 ? 0 : o.leftValue() & (1L << by) - 1;
    long child = narrow(is32, target << by | low);
    long back =
        i.operation() == RSH ? child >>> by : is32 ? (int) child >> by & 0xffffffffL : child >> by;
    return back == target && solve(o.left(), child);
  }

  private boolean multiply(Node.Operation o, long target) {
    long by = o.rightValue();
    if (o.left() != null && by != 0 && Long.remainderUnsigned(target, by) == 0) {
      return solve(o.left(), Long.divideUnsigned(target, by));
    }
    long other = o.leftValue();
    return o.right() != null
        && other != 0
        && Long.remainderUnsigned(target, other) == 0
        && solve(o.right(), Long.divideUnsigned(target, other));
  }

  /** Two parts with no bit in common, as bytes put together: each gets its own bits. */
  private boolean split(Node.Operation o, long target) {
    if (o.left() == null || o.right() == null) {
      return false;
    }
    long left = bits(o.left());
    long right = bits(o.right());
    return (left & right) == 0
        && (target & ~(left | right)) == 0
        && solve(o.left(), target & left)
        && solve(o.right(), target & right);
  }

  /** The bits that may be set in a value. */
  private static long bits(Node node) {
    return switch (node) {
      case Node.Bytes b -> b.signed() || b.size() == 8 ? -1L : (1L << b.size() * 8) - 1;
      case Node.Value v -> v.signed() || v.size() == 8 ? -1L : (1L << v.size() * 8) - 1;
      case Node.Field f -> 0xffffffffL;
      case Node.Operation o -> bits(o);
      default -> -1L;
    };
  }

  private static long bits(Node.Operation o) {
    Instruction i = o.instruction();
    long most = i.instructionClass() == ALU ? 0xffffffffL : -1L;
    if (o.left() == null || Node.depth(o) > DEEPEST) {
      return most;
    }
    return switch (i.operation()) {
      case MOV -> i.offset() == 0 ? bits(o.left()) & most : most;
      case AND -> o.right() == null ? o.rightValue() & bits(o.left()) & most : most;
      case LSH -> o.right() == null ? bits(o.left()) << o.rightValue() & most : most;
      case RSH -> o.right() == null ? (bits(o.left()) & most) >>> o.rightValue() : most;
      case OR, XOR ->
          (o.right() == null ? o.rightValue() : bits(o.right())) & most | bits(o.left()) & most;
      default -> most;
    };
  }
}
