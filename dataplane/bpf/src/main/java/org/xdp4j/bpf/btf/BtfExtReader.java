package org.xdp4j.bpf.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a {@code .BTF.ext} section.
 *
 * <pre>
 *  0     2       3     4       8        16       24         32
 *  +-----+-------+-----+-------+--------+--------+----------+
 *  |magic|version|flags|hdr_len|func    |line    |core_relo |   each u32 offset, u32 length
 *  +-----+-------+-----+-------+--------+--------+----------+
 *
 *  each part: u32 record size, then for every ELF section
 *  +-------------+------------+---------+---------+--
 *  |sec_name_off |num_records |record 0 |record 1 | ..
 *  +-------------+------------+---------+---------+--
 * </pre>
 */
final class BtfExtReader {
  private static final int SHORT_HEADER = 24;
  private static final int LONG_HEADER = 32;

  private final ByteBuffer section;
  private final Btf btf;
  private final Map<Integer, Text> trimmed = new HashMap<>();

  BtfExtReader(ByteBuffer section, Btf btf) {
    this.section = section.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.btf = btf;
  }

  /** A source line, and how many characters were trimmed off its beginning. */
  private record Text(String line, int indent) {}

  /** Makes a record of the bytes at {@code at}. */
  private interface RecordReader<T> {
    T read(int at) throws BtfException;
  }

  BtfExt read() throws BtfException {
    if (section.limit() < SHORT_HEADER) {
      throw new BtfLayoutException(0, "a header of " + SHORT_HEADER + " bytes does not fit");
    }
    checkKind();
    int header = section.getInt(4);
    if (header < SHORT_HEADER || header > section.limit()) {
      throw new BtfLayoutException(
          4, "header length " + Integer.toUnsignedString(header) + " is wrong");
    }
    Map<String, List<BtfExt.FuncRecord>> functions = part(header, 8, 8, this::function);
    Map<String, List<BtfExt.LineRecord>> lines = part(header, 16, 16, this::line);
    functions.replaceAll((name, records) -> firstOfEach(records));
    lines.replaceAll((name, records) -> firstOfEach(records));
    Map<String, List<BtfExt.CoreRelocation>> relocations =
        header < LONG_HEADER ? Map.of() : part(header, 24, 16, this::relocation);
    return new BtfExt(functions, lines, relocations);
  }

  private <T extends BtfExt.OffsetRecord> Map<String, List<T>> part(
      int header, int field, int minimum, RecordReader<T> reader) throws BtfException {
    Map<String, List<T>> result = new HashMap<>();
    long begin = header + Integer.toUnsignedLong(section.getInt(field));
    long length = Integer.toUnsignedLong(section.getInt(field + 4));
    if (length == 0) {
      return result;
    }
    if (begin + length > section.limit() || begin % 4 != 0 || length < 4) {
      throw new BtfLayoutException(
          field, "records at %d, %d bytes long, do not fit".formatted(begin, length));
    }
    int end = (int) (begin + length);
    int at = (int) begin;
    int size = section.getInt(at);
    at += 4;
    if (size < minimum || size % 4 != 0) {
      throw new BtfLayoutException(
          begin, "record size " + Integer.toUnsignedString(size) + " is wrong");
    }
    while (at < end) {
      at = records(at, end, size, reader, result);
    }
    for (List<T> records : result.values()) {
      records.sort(Comparator.comparingInt(BtfExt.OffsetRecord::offset));
    }
    return result;
  }

  private <T> int records(
      int start, int end, int size, RecordReader<T> reader, Map<String, List<T>> result)
      throws BtfException {
    if (end - start < 8) {
      throw new BtfLayoutException(start, "the records' head does not fit");
    }
    int nameAt = section.getInt(start);
    String name = nameAt == 0 ? "" : btf.string(nameAt);
    if (name == null) {
      throw new BtfLayoutException(start, "a section's name lies outside of the strings of .BTF");
    }
    long count = Integer.toUnsignedLong(section.getInt(start + 4));
    int at = start + 8;
    if (count == 0 || count * size > end - at) {
      throw new BtfLayoutException(
          start, "%d records of section '%s' do not fit".formatted(count, name));
    }
    List<T> records = result.computeIfAbsent(name, n -> new ArrayList<>());
    for (long i = 0; i < count; i++, at += size) {
      records.add(reader.read(at));
    }
    return at;
  }

  private void checkKind() throws BtfException {
    try {
      BtfReader.checkMagic(section);
    } catch (BtfException e) {
      throw new BtfLayoutException(e.offset(), e.getMessage());
    }
    if (section.get(2) != BtfReader.VERSION) {
      throw new BtfLayoutException(2, BtfReader.unknownVersion(section));
    }
  }

  private BtfExt.FuncRecord function(int at) throws BtfException {
    int type = section.getInt(at + 4);
    if (btf.flaw() == null && btf.prototype(type) == null) {
      throw new BtfException(at, "type " + Integer.toUnsignedString(type) + " is no function");
    }
    return new BtfExt.FuncRecord(offset(at), type);
  }

  private BtfExt.LineRecord line(int at) throws BtfException {
    String file = string(at, section.getInt(at + 4));
    int position = section.getInt(at + 12);
    Text text = text(at, section.getInt(at + 8));
    return new BtfExt.LineRecord(
        offset(at), file, text.line(), position >>> 10, position & 0x3ff, text.indent());
  }

  private BtfExt.CoreRelocation relocation(int at) throws BtfException {
    int type = section.getInt(at + 4);
    if (!btf.contains(type) || type == 0) {
      throw new BtfException(at, "there is no type " + Integer.toUnsignedString(type));
    }
    String access = string(at, section.getInt(at + 8));
    return new BtfExt.CoreRelocation(offset(at), type, access, section.getInt(at + 12));
  }

  private int offset(int at) throws BtfException {
    int offset = section.getInt(at);
    if (offset < 0 || offset % 8 != 0) {
      throw new BtfException(at, "there is no instruction at " + Integer.toUnsignedString(offset));
    }
    return offset;
  }

  private Text text(int at, int offset) throws BtfException {
    Text known = trimmed.get(offset);
    if (known == null) {
      String whole = string(at, offset);
      String line = whole.trim();
      known = new Text(line, line.isEmpty() ? 0 : whole.indexOf(line.charAt(0)));
      trimmed.put(offset, known);
    }
    return known;
  }

  private String string(int at, int offset) throws BtfException {
    String string = offset == 0 ? "" : btf.string(offset);
    if (string == null) {
      throw new BtfException(at, "a string lies outside of the strings of .BTF");
    }
    return string;
  }

  private static <T extends BtfExt.OffsetRecord> List<T> firstOfEach(List<T> records) {
    List<T> result = new ArrayList<>(records.size());
    for (T record : records) {
      if (result.isEmpty() || result.getLast().offset() != record.offset()) {
        result.add(record);
      }
    }
    return result;
  }
}
