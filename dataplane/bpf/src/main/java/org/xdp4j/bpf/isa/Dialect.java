package org.xdp4j.bpf.isa;

/**
 * Which processor the text is written for. {@code llvm-objdump} picks one by {@code --mcpu}, and it
 * shows in loads, stores and 32-bit atomic operations only.
 */
public enum Dialect {
  /**
   * What {@code llvm-objdump -d} takes without an option, up to LLVM 19: narrow loads and stores
   * name the 64-bit register ({@code r1 = *(u8 *)(r2 + 0x0)}), and of the 32-bit atomic operations
   * it knows only addition.
   */
  GENERIC,
  /**
   * {@code --mcpu=v4}: narrow loads and stores name the 32-bit register ({@code w1 = *(u8 *)(r2 +
   * 0x0)}), and every instruction has a text.
   */
  V4
}
