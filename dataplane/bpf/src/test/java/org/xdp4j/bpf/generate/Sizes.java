package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.isa.Opcode;

/** Sizes of loads and stores. */
final class Sizes {
  private static final int[] ALL = {Opcode.B, Opcode.H, Opcode.W, Opcode.DW};

  private Sizes() {}

  static int bytes(int size) {
    return switch (size) {
      case Opcode.B -> 1;
      case Opcode.H -> 2;
      case Opcode.W -> 4;
      default -> 8;
    };
  }

  static int of(int index) {
    return ALL[index & 3];
  }
}
