package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.xdp4j.bpf.btf.StringTable;

/**
 * Reads the headers of an ELF-64 little-endian file for BPF.
 *
 * <pre>
 *  0      4     5    6       16     18      20      24     32    40     48    52      54
 *  +------+-----+----+-------+------+-------+-------+------+-----+------+-----+-------+--
 *  |7f ELF|class|data|version|e_type|machine|version|e_ent.|phoff|shoff |flags|ehsize |..
 *  +------+-----+----+-------+------+-------+-------+------+-----+------+-----+-------+--
 *    54       56    58         60    62
 *  --+--------+-----+----------+-----+--------+
 *    |phentsz |phnum|shentsize |shnum|shstrndx|
 *  --+--------+-----+----------+-----+--------+
 * </pre>
 */
final class ElfReader {
  private static final int HEADER = 64;
  private static final int SECTION_HEADER = 64;
  private static final int MACHINE_NONE = 0;
  private static final int MACHINE_BPF = 247;
  private static final int TYPE_RELOCATABLE = 1;
  private static final int EXTENDED_INDEX = 0xffff;
  private static final long MACHINE_AT = 18;

  private final String name;
  private final ByteBuffer file;
  private final List<ElfSection> sections = new ArrayList<>();

  private ElfReader(String name, byte[] bytes) {
    this.name = name;
    this.file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ElfFile read(String name, byte[] bytes) throws ObjectException {
    ElfReader reader = new ElfReader(name, bytes);
    reader.checkHeader();
    reader.readSections();
    reader.checkOverlaps();
    return new ElfSymbolReader(name, Collections.unmodifiableList(reader.sections)).read();
  }

  private void checkHeader() throws ObjectException {
    if (file.limit() < HEADER) {
      throw wrong(0, "the file has %d bytes, an ELF header %d".formatted(file.limit(), HEADER));
    }
    if (file.getInt(0) != 0x464c457f) {
      throw wrong(0, "this is not an ELF file");
    }
    if (file.get(4) != 2) {
      throw wrong(4, "this is not a 64-bit ELF file");
    }
    if (file.get(5) == 2) {
      throw wrong(5, "this is a big-endian ELF file, only little-endian ones can be read");
    }
    if (file.get(5) != 1) {
      throw wrong(5, "byte order " + (file.get(5) & 0xff) + " is unknown");
    }
    int machine = u16(18);
    if (machine != MACHINE_BPF && machine != MACHINE_NONE) {
      throw wrong(MACHINE_AT, "machine %d is not BPF (%d)".formatted(machine, MACHINE_BPF));
    }
    // The version at 20 says the same once more, and libelf does not look at it.
    if (file.get(6) != 1) {
      throw wrong(6, "the ELF version is not 1");
    }
    if (u16(16) != TYPE_RELOCATABLE) {
      throw wrong(16, "this is not a relocatable file, type " + u16(16));
    }
  }

  private void readSections() throws ObjectException {
    long table = file.getLong(40);
    if (table < HEADER || table > file.limit() - SECTION_HEADER) {
      throw wrong(
          40,
          "the section header table at 0x%x is outside of the file of 0x%x bytes"
              .formatted(table, file.limit()));
    }
    if (u16(58) != SECTION_HEADER) {
      throw wrong(58, "section headers of %d bytes are unknown".formatted(u16(58)));
    }
    int first = (int) table;
    long count = u16(60) != 0 ? u16(60) : file.getLong(first + 32);
    if (count < 1 || count > (file.limit() - table) / SECTION_HEADER) {
      throw wrong(
          60,
          "%s section headers at 0x%x end behind the file of 0x%x bytes"
              .formatted(Long.toUnsignedString(count), table, file.limit()));
    }
    int names = u16(62) == EXTENDED_INDEX ? file.getInt(first + 40) : u16(62);
    StringTable strings = names(first, (int) count, names);
    for (int i = 0; i < count; i++) {
      sections.add(section(i, first + i * SECTION_HEADER, strings));
    }
  }

  private StringTable names(int table, int count, int index) throws ObjectException {
    if (index <= 0 || index >= count) {
      throw wrong(62, "there is no section %d to hold the names".formatted(index));
    }
    int at = table + index * SECTION_HEADER;
    if (file.getInt(at + 4) != ElfSection.STRTAB) {
      throw wrong(62, "section %d, to hold the names, holds no strings".formatted(index));
    }
    return new StringTable(bytes(at, "section " + index));
  }

  private ElfSection section(int index, int at, StringTable strings) throws ObjectException {
    int type = file.getInt(at + 4);
    String own = type == ElfSection.NULL ? "" : strings.at(file.getInt(at));
    if (own == null) {
      throw wrong(at, "section %d has a name outside of the names".formatted(index));
    }
    long size = file.getLong(at + 32);
    if (size < 0) {
      throw wrong(at + 32, "section %s has an impossible size".formatted(own));
    }
    boolean empty = type == ElfSection.NOBITS || type == ElfSection.NULL;
    return new ElfSection(
        index,
        own,
        type,
        file.getLong(at + 8),
        file.getLong(at + 24),
        size,
        file.getInt(at + 40),
        file.getInt(at + 44),
        empty ? ByteBuffer.allocate(0) : bytes(at, "section " + own));
  }

  private ByteBuffer bytes(int at, String what) throws ObjectException {
    long offset = file.getLong(at + 24);
    long size = file.getLong(at + 32);
    if (offset < 0 || size < 0 || offset > file.limit() || size > file.limit() - offset) {
      throw wrong(
          at + 24,
          "%s at 0x%x, 0x%x bytes long, ends behind the file of 0x%x bytes"
              .formatted(what, offset, size, file.limit()));
    }
    return file.slice((int) offset, (int) size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void checkOverlaps() throws ObjectException {
    long table = file.getLong(40);
    long tableEnd = table + (long) sections.size() * SECTION_HEADER;
    List<ElfSection> inFile = new ArrayList<>();
    for (ElfSection section : sections) {
      if (section.bytes().limit() > 0) {
        long end = section.offset() + section.size();
        if (section.offset() < HEADER || section.offset() < tableEnd && table < end) {
          throw wrong(section.offset(), "section " + section.name() + " overlaps the headers");
        }
        inFile.add(section);
      }
    }
    inFile.sort(Comparator.comparingLong(ElfSection::offset));
    for (int i = 1; i < inFile.size(); i++) {
      ElfSection before = inFile.get(i - 1);
      ElfSection section = inFile.get(i);
      if (section.offset() < before.offset() + before.size()) {
        throw wrong(
            section.offset(),
            "sections %s and %s overlap".formatted(before.name(), section.name()));
      }
    }
  }

  private int u16(int at) {
    return file.getShort(at) & 0xffff;
  }

  private ObjectException wrong(long offset, String what) {
    return new ObjectException("%s: ELF headers, offset 0x%x: %s".formatted(name, offset, what));
  }
}
