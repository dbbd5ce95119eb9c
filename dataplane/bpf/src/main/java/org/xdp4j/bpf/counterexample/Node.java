package org.xdp4j.bpf.counterexample;

import java.util.LinkedHashSet;
import java.util.Set;
import org.xdp4j.bpf.isa.Instruction;

/** How a value was computed from the input. A value that depends on none has no node. */
sealed interface Node {
  /** The bytes of the frame at an offset, as a load of this size reads them. */
  record Bytes(int offset, int size, boolean signed) implements Node {}

  /**
   * {@code data_end}, moved by {@code moved} bytes since the run began.
   *
   * @param data where the frame began
   */
  record End(long data, long moved) implements Node {}

  /** A 32-bit field of {@code struct xdp_md} at this offset. */
  record Field(int offset) implements Node {}

  /** Bytes of a map entry's value. */
  record Value(Input.Place place, int offset, int size, boolean signed) implements Node {}

  /**
   * What a lookup returned.
   *
   * @param key what the key was computed from, or null
   */
  record Lookup(Input.Place place, int valueSize, Node key) implements Node {}

  /**
   * The result of an ALU instruction.
   *
   * @param left what dst was computed from (for MOV the operand), or null
   * @param right what the operand was computed from, or null
   * @param leftValue what dst was
   * @param rightValue what the operand was
   */
  record Operation(
      Instruction instruction, Node left, Node right, long leftValue, long rightValue, int depth)
      implements Node {}

  /** The parts of the input that a value was computed from. */
  static Set<Node> leaves(Node node) {
    Set<Node> found = new LinkedHashSet<>();
    collect(node, found);
    return found;
  }

  private static void collect(Node node, Set<Node> found) {
    if (node instanceof Operation o) {
      if (found.size() < 16 && o.depth <= 64) {
        collect(o.left, found);
        collect(o.right, found);
      }
    } else if (node != null) {
      found.add(node);
    }
  }

  /** How many operations lie on top of one another. */
  static int depth(Node node) {
    return node instanceof Operation o ? o.depth : 0;
  }
}
