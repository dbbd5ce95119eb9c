package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.StringTable;

/**
 * Reads symbols and relocations.
 *
 * <pre>
 *  0       4    5     6     8     16    24         0        8    12     16
 *  +-------+----+-----+-----+-----+-----+          +--------+----+------+
 *  |st_name|info|other|shndx|value|size |          |r_offset|type|symbol|
 *  +-------+----+-----+-----+-----+-----+          +--------+----+------+
 * </pre>
 */
final class ElfSymbolReader {
  private static final int SYMBOL = 24;
  private static final int RELOCATION = 16;

  private final String name;
  private final List<ElfSection> sections;
  private final List<ElfSymbol> symbols = new ArrayList<>();
  private final Map<Integer, List<ElfRelocation>> relocations = new HashMap<>();
  private ElfSection table;

  ElfSymbolReader(String name, List<ElfSection> sections) {
    this.name = name;
    this.sections = sections;
  }

  ElfFile read() throws ObjectException {
    for (ElfSection section : sections) {
      if (section.type() == ElfSection.SYMTAB) {
        if (table != null) {
          throw wrong(section, 0, "there is a second symbol table");
        }
        table = section;
        readSymbols();
      }
    }
    if (table == null) {
      throw new ObjectException(
          name + ": section .symtab, offset 0x0: there is no symbol table, was it stripped?");
    }
    for (ElfSection section : sections) {
      if (section.type() == ElfSection.REL) {
        readRelocations(section);
      } else if (section.type() == ElfSection.RELA) {
        checkPatched(section);
      }
    }
    for (List<ElfRelocation> list : relocations.values()) {
      list.sort(Comparator.comparingInt(ElfRelocation::offset));
    }
    return new ElfFile(name, sections, List.copyOf(symbols), relocations);
  }

  private void readSymbols() throws ObjectException {
    ByteBuffer bytes = table.bytes();
    if (bytes.limit() % SYMBOL != 0) {
      throw wrong(table, bytes.limit(), "the last symbol is cut off");
    }
    if (table.link() <= 0
        || table.link() >= sections.size()
        || sections.get(table.link()).type() != ElfSection.STRTAB) {
      throw wrong(table, 0, "section " + table.link() + " holds no names for it");
    }
    StringTable strings = new StringTable(sections.get(table.link()).bytes());
    for (int at = 0; at < bytes.limit(); at += SYMBOL) {
      symbols.add(symbol(bytes, at, strings));
    }
  }

  private ElfSymbol symbol(ByteBuffer bytes, int at, StringTable strings) throws ObjectException {
    int nameAt = bytes.getInt(at);
    String own = nameAt == 0 ? "" : strings.at(nameAt);
    if (own == null) {
      throw wrong(table, at, "a symbol has a name outside of the names");
    }
    int info = bytes.get(at + 4);
    int section = bytes.getShort(at + 6) & 0xffff;
    ElfSymbol symbol =
        new ElfSymbol(
            own,
            info & 0xf,
            info >>> 4 & 0xf,
            bytes.get(at + 5) & 3,
            section,
            bytes.getLong(at + 8),
            bytes.getLong(at + 16));
    if (section != ElfSymbol.UNDEFINED
        && section != ElfSymbol.ABSOLUTE
        && section != ElfSymbol.COMMON) {
      checkWithin(symbol, at);
    }
    return symbol;
  }

  private void checkWithin(ElfSymbol symbol, int at) throws ObjectException {
    if (symbol.section() >= sections.size()) {
      throw wrong(
          table,
          at,
          "symbol '%s' is in section %d, which there is not"
              .formatted(symbol.name(), symbol.section()));
    }
    ElfSection section = sections.get(symbol.section());
    long size = section.size();
    if (symbol.value() < 0
        || symbol.size() < 0
        || symbol.value() > size
        || symbol.size() > size - symbol.value()) {
      throw wrong(
          table,
          at,
          "symbol '%s' at 0x%x, 0x%x bytes long, is outside of section %s of 0x%x bytes"
              .formatted(symbol.name(), symbol.value(), symbol.size(), section.name(), size));
    }
  }

  private ElfSection checkPatched(ElfSection section) throws ObjectException {
    if (section.info() <= 0 || section.info() >= sections.size()) {
      throw wrong(section, 0, "it patches section " + section.info() + ", which there is not");
    }
    ElfSection patched = sections.get(section.info());
    if (section.type() == ElfSection.RELA && patched.isCode()) {
      throw wrong(section, 0, "relocations with addends (SHT_RELA) are not of eBPF");
    }
    return patched;
  }

  private void readRelocations(ElfSection section) throws ObjectException {
    ElfSection patched = checkPatched(section);
    ByteBuffer bytes = section.bytes();
    // Debug information has most of a file's relocations, nobody asks for them, and where it is
    // compressed they do not fit it.
    boolean wanted =
        patched.isCode()
            || patched.name().equals(MapTable.BTF_MAPS)
            || LegacyMapReader.isMaps(patched);
    if (!wanted) {
      return;
    }
    if (bytes.limit() % RELOCATION != 0) {
      throw wrong(section, bytes.limit(), "the last relocation is cut off");
    }
    if (section.link() != table.index()) {
      throw wrong(section, 0, "section " + section.link() + " is not the symbol table");
    }
    List<ElfRelocation> list = new ArrayList<>();
    for (int at = 0; at < bytes.limit(); at += RELOCATION) {
      long offset = bytes.getLong(at);
      int symbol = bytes.getInt(at + 12);
      if (offset < 0 || offset >= patched.bytes().limit()) {
        throw wrong(
            section,
            at,
            "it patches offset 0x%x of section %s of 0x%x bytes"
                .formatted(offset, patched.name(), patched.bytes().limit()));
      }
      if (symbol < 0 || symbol >= symbols.size()) {
        throw wrong(section, at, "there is no symbol " + Integer.toUnsignedString(symbol));
      }
      list.add(new ElfRelocation((int) offset, bytes.getInt(at + 8), symbols.get(symbol)));
    }
    relocations.computeIfAbsent(patched.index(), i -> new ArrayList<>()).addAll(list);
  }

  private ObjectException wrong(ElfSection section, long offset, String what) {
    return new ObjectException(name + ": " + Place.of(section, offset) + ": " + what);
  }
}
