package org.xdp4j.bpf.compiler;

/**
 * Where a method keeps its state, as slots of local variables.
 *
 * @param context the {@code XdpContext}
 * @param registers r0 to r10, two slots each
 * @param data {@code xdp_md.data}, then data_end and data_meta, two slots each
 * @param budget what {@code may_goto} has left, two slots
 * @param scratch six slots for anything; behind them, words of the stack, two slots each
 */
record Locals(int context, int[] registers, int data, int budget, int scratch) {
  /** For a method {@code (XdpContext, r1, r2, r3, r4, r5, r10)}. */
  static Locals ofFunction() {
    return new Locals(0, new int[] {13, 1, 3, 5, 7, 9, 15, 17, 19, 21, 11}, 23, 29, 31);
  }

  /** For a method {@code (XdpContext, r10, int entry)}; the entry is in slot 3. */
  static Locals ofChunk() {
    return new Locals(0, new int[] {4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 1}, 24, 30, 32);
  }

  /** For an instance method {@code (XdpBatch, XdpContext)}; slots 3 to 14 are its loop's. */
  static Locals ofBatch() {
    return new Locals(2, new int[] {15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35}, 37, 43, 45);
  }

  /** Slot of the word of the stack with this number. */
  int stackWord(int number) {
    return scratch + 6 + 2 * number;
  }

  /** Slot of a register. */
  int register(int number) {
    return registers[number];
  }

  /** Slot of the copy of the context field at this offset in {@code struct xdp_md}: 0, 4 or 8. */
  int packetPointer(int offset) {
    return data + offset / 4 * 2;
  }
}
