package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;

/**
 * One row of the section header table (ELF-64, {@code Elf64_Shdr}).
 *
 * @param index its number
 * @param offset of its first byte in the file
 * @param size bytes; in memory, for {@link #NOBITS}, which has none in the file
 * @param link another section's number, by type
 * @param info another section's number or a count, by type
 * @param bytes what it holds, little-endian; empty for {@link #NOBITS}
 */
record ElfSection(
    int index,
    String name,
    int type,
    long flags,
    long offset,
    long size,
    int link,
    int info,
    ByteBuffer bytes) {
  static final int NULL = 0;
  static final int PROGBITS = 1;
  static final int SYMTAB = 2;
  static final int STRTAB = 3;
  static final int RELA = 4;
  static final int NOBITS = 8;
  static final int REL = 9;

  static final long FLAG_ALLOC = 2;
  static final long FLAG_EXECINSTR = 4;

  /** Whether instructions stand in it. */
  boolean isCode() {
    return type == PROGBITS && (flags & FLAG_EXECINSTR) != 0;
  }
}
