package org.xdp4j.bpf.object;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes ELF files for eBPF as clang lays them out: header, sections, section header table. Section
 * 0 is the empty one, and {@code .strtab}, {@code .symtab} and the relocations come last.
 */
final class ElfBuilder {
  static final int GLOBAL = 0x10;
  static final int WEAK = 0x20;
  static final int LOCAL = 0x00;
  static final int NOTYPE = 0;
  static final int OBJECT = 1;
  static final int FUNC = 2;
  static final int SECTION = 3;
  static final int HIDDEN = 2;
  static final int R_64_64 = 1;
  static final int R_64_32 = 10;

  private final List<Section> sections = new ArrayList<>();
  private final List<byte[]> symbols = new ArrayList<>();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private int sectionHeaders;
  private int[] names;

  private static final class Section {
    String name;
    int type;
    long flags;
    byte[] bytes;
    long size;
    int link;
    int info;
    int entrySize;
    final List<long[]> relocations = new ArrayList<>();
    long fileOffset;
  }

  ElfBuilder() {
    strings.write(0);
    section("", 0, 0, new byte[0]);
    symbols.add(new byte[24]);
  }

  /** Adds a section and returns its number. */
  int section(String name, int type, long flags, byte[] bytes) {
    Section section = new Section();
    section.name = name;
    section.type = type;
    section.flags = flags;
    section.bytes = bytes;
    section.size = bytes.length;
    sections.add(section);
    return sections.size() - 1;
  }

  /** Adds a section of instructions, each a 64-bit word. */
  int code(String name, long... slots) {
    return section(name, ElfSection.PROGBITS, 6, words(slots));
  }

  /** Adds a section of data. */
  int data(String name, byte[] bytes) {
    return section(name, ElfSection.PROGBITS, 3, bytes);
  }

  /** Adds a section that has a size only. */
  int bss(String name, long size) {
    int index = section(name, ElfSection.NOBITS, 3, new byte[0]);
    sections.get(index).size = size;
    return index;
  }

  /** Adds {@code license}. */
  ElfBuilder license(String text) {
    data("license", (text + "\0").getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** Adds a symbol and returns its number. */
  int symbol(String name, int info, int section, long value, long size) {
    return symbol(name, info, 0, section, value, size);
  }

  /** Adds a symbol of some visibility and returns its number. */
  int symbol(String name, int info, int other, int section, long value, long size) {
    ByteBuffer symbol = buffer(24);
    symbol.putInt(name.isEmpty() ? 0 : string(name));
    symbol.put((byte) info).put((byte) other).putShort((short) section);
    symbol.putLong(value).putLong(size);
    symbols.add(symbol.array());
    return symbols.size() - 1;
  }

  /** Adds a relocation of {@code section} at {@code offset}. */
  ElfBuilder relocate(int section, long offset, int type, int symbol) {
    sections.get(section).relocations.add(new long[] {offset, (long) symbol << 32 | type});
    return this;
  }

  /** Where the header of {@code section} begins in the file last built. */
  int headerOf(int section) {
    return sectionHeaders + section * 64;
  }

  /** Where section {@code name} begins in the file last built. */
  int offsetOf(String name) {
    return (int) find(name).fileOffset;
  }

  /** The number of section {@code name} in the file last built. */
  int numberOf(String name) {
    return sections.indexOf(find(name));
  }

  private Section find(String name) {
    return sections.stream().filter(s -> s.name.equals(name)).findFirst().orElseThrow();
  }

  /** The file. May be called once. */
  byte[] build() {
    int own = sections.size();
    int table = addTables(own);
    int at = 64;
    for (Section section : sections) {
      section.fileOffset = section.type == 0 ? 0 : at;
      at += section.bytes.length + 7 & -8;
    }
    sectionHeaders = at;
    ByteBuffer file = buffer(at + 64 * sections.size());
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    file.putShort((short) 1).putShort((short) 247).putInt(1).putLong(0).putLong(0).putLong(at);
    file.putInt(0).putShort((short) 64).putInt(0).putShort((short) 64);
    file.putShort((short) sections.size()).putShort((short) table);
    for (Section section : sections) {
      file.position((int) section.fileOffset).put(section.bytes);
    }
    file.position(at);
    for (Section section : sections) {
      header(file, section);
    }
    return file.array();
  }

  private int addTables(int own) {
    int symtab = sections.size();
    section(".symtab", ElfSection.SYMTAB, 0, concat(symbols));
    sections.get(symtab).entrySize = 24;
    for (int i = 0; i < own; i++) {
      if (!sections.get(i).relocations.isEmpty()) {
        int rel =
            section(
                ".rel" + sections.get(i).name,
                ElfSection.REL,
                0,
                concat(sections.get(i).relocations.stream().map(ElfBuilder::words).toList()));
        sections.get(rel).link = symtab;
        sections.get(rel).info = i;
        sections.get(rel).entrySize = 16;
      }
    }
    int strtab = section(".strtab", ElfSection.STRTAB, 0, new byte[0]);
    sections.get(symtab).link = strtab;
    names = new int[sections.size()];
    for (int i = 1; i < names.length; i++) {
      names[i] = string(sections.get(i).name);
    }
    sections.get(strtab).bytes = strings.toByteArray();
    sections.get(strtab).size = strings.size();
    return strtab;
  }

  private void header(ByteBuffer file, Section section) {
    file.putInt(names[sections.indexOf(section)]).putInt(section.type).putLong(section.flags);
    file.putLong(0).putLong(section.fileOffset).putLong(section.size);
    file.putInt(section.link).putInt(section.info).putLong(8).putLong(section.entrySize);
  }

  private int string(String string) {
    int at = strings.size();
    strings.writeBytes((string + "\0").getBytes(StandardCharsets.UTF_8));
    return at;
  }

  static byte[] words(long... words) {
    ByteBuffer buffer = buffer(words.length * 8);
    for (long word : words) {
      buffer.putLong(word);
    }
    return buffer.array();
  }

  static byte[] ints(int... words) {
    ByteBuffer buffer = buffer(words.length * 4);
    for (int word : words) {
      buffer.putInt(word);
    }
    return buffer.array();
  }

  static byte[] concat(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
