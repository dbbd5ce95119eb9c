package org.xdp4j.bpf.object;

/**
 * One row of a relocation section ({@code Elf64_Rel}).
 *
 * @param offset bytes from the beginning of the section it patches, within it
 * @param type {@code R_BPF_*} (Documentation/bpf/llvm_reloc.rst)
 */
record ElfRelocation(int offset, int type, ElfSymbol symbol) {
  /** {@code R_BPF_64_64}: the constant of an LDDW. */
  static final int WIDE_CONSTANT = 1;

  /** {@code R_BPF_64_32}: the target of a call. */
  static final int CALL_TARGET = 10;
}
