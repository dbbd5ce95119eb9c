package org.xdp4j.bpf.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.btf.Addresses;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** Reads and writes keys, values and entries of one map. */
public final class MapText {
  private static final int PREFIX_LENGTH_SIZE = 4;
  private static final String NO_KEY = "hex()=";

  private final MapSpec spec;
  private final Btf btf;

  /**
   * @param btf the types that {@code spec} refers to
   */
  public MapText(MapSpec spec, Btf btf) {
    this.spec = spec;
    this.btf = btf;
  }

  /**
   * One entry.
   *
   * @param key its bytes
   * @param value as it was written; {@link #value} makes bytes of it
   * @param variable of a section of global variables the one that is written, else null
   */
  public record Entry(byte[] key, String value, Variable variable) {
    Entry(byte[] key, String value) {
      this(key, value, null);
    }
  }

  /**
   * A global variable in its section.
   *
   * @param offset of its first byte
   * @param type its BTF id
   */
  public record Variable(String name, int offset, int size, int type) {}

  /**
   * Reads entries separated by commas. A lone value is the one of an array that has only key 0, or
   * one of a map without keys; a lone key of any other map gets the value 1. In a section of global
   * variables {@code NAME=VALUE} is one of them.
   */
  public List<Entry> entries(String text) throws TextException {
    List<Entry> entries = new ArrayList<>();
    int start = 0;
    List<Integer> ends = new ArrayList<>(Scanner.outside(text, ','));
    ends.add(text.length());
    for (int end : ends) {
      String entry = text.substring(start, end).strip();
      start = end + 1;
      if (entry.isEmpty()) {
        throw new TextException("an entry is missing, write KEY=VALUE");
      }
      entries.add(entry(entry));
    }
    return entries;
  }

  private Entry entry(String text) throws TextException {
    try {
      if (spec.keySize() == 0) {
        return new Entry(new byte[0], withoutEmptyKey(text));
      }
      int separator = separator(text);
      Variable variable = separator < 0 ? null : variable(text.substring(0, separator).strip());
      if (variable != null) {
        String value = text.substring(separator + 1).strip();
        return new Entry(new byte[spec.keySize()], value, variable);
      }
      if (separator >= 0) {
        return new Entry(key(text.substring(0, separator)), text.substring(separator + 1).strip());
      }
      if (hasOnlyKeyZero()) {
        return new Entry(new byte[spec.keySize()], text);
      }
      boolean holder = spec.type() == MapType.ARRAY_OF_MAPS || spec.type() == MapType.HASH_OF_MAPS;
      if (holder || !isInteger(spec.valueBtf(), spec.valueSize())) {
        throw new TextException("a value is missing, write KEY=VALUE");
      }
      return new Entry(key(text), "1");
    } catch (TextException e) {
      throw e.in("entry '" + text + "'");
    }
  }

  /** Values of maps without keys may have the key before them that is none. */
  private static String withoutEmptyKey(String text) {
    return text.startsWith(NO_KEY) ? text.substring(NO_KEY.length()).strip() : text;
  }

  /** The variable of this name, when the map is a section that has it; else null. */
  private Variable variable(String name) {
    if (spec.valueBtf() == 0
        || !btf.contains(spec.valueBtf())
        || !(btf.resolve(spec.valueBtf()) instanceof BtfType.Datasec section)) {
      return null;
    }
    for (BtfType.Secinfo info : section.variables()) {
      if (btf.type(info.type()) instanceof BtfType.Var variable && variable.name().equals(name)) {
        return new Variable(name, info.offset(), info.size(), variable.type());
      }
    }
    return null;
  }

  /**
   * The first equals sign; without one the first colon, behind the length where the key is a
   * prefix. -1 when there is neither.
   */
  private int separator(String text) {
    List<Integer> equals = Scanner.outside(text, '=');
    if (!equals.isEmpty()) {
      return equals.getFirst();
    }
    List<Integer> slashes = Scanner.outside(text, '/');
    int from = slashes.isEmpty() ? 0 : slashes.getFirst();
    if (slashes.isEmpty() && Addresses.parse(text, Addresses.IPV6_SIZE) != null) {
      return -1;
    }
    return Scanner.outside(text, ':').stream().filter(at -> at > from).findFirst().orElse(-1);
  }

  private boolean hasOnlyKeyZero() {
    MapType type = spec.type();
    boolean array = type == MapType.ARRAY || type == MapType.PERCPU_ARRAY;
    return array && spec.maxEntries() == 1;
  }

  private boolean isInteger(int type, int size) {
    return type != 0 && btf.contains(type)
        ? btf.resolve(type) instanceof BtfType.Int
        : size <= Long.BYTES;
  }

  /** The bytes of a key. */
  public byte[] key(String text) throws TextException {
    String plain = text.strip();
    if (spec.type() == MapType.LPM_TRIE && spec.keySize() > PREFIX_LENGTH_SIZE) {
      byte[] prefix = prefix(plain);
      if (prefix != null) {
        return prefix;
      }
    }
    byte[] key = new byte[spec.keySize()];
    ValueParser.parse(btf, spec.keyBtf(), plain, key);
    return key;
  }

  /** {@code struct bpf_lpm_trie_key}: the length, then the address in network order. */
  private byte[] prefix(String text) throws TextException {
    int slash = text.indexOf('/');
    String address = slash < 0 ? text : text.substring(0, slash);
    int size = spec.keySize() - PREFIX_LENGTH_SIZE;
    byte[] bytes = Addresses.parse(address, size);
    if (bytes == null) {
      if (slash < 0) {
        return null;
      }
      throw new TextException(
          "'" + address + "' is not " + addressOf(size) + ", which the map's keys hold");
    }
    int length = slash < 0 ? size * Byte.SIZE : length(text.substring(slash + 1), size);
    byte[] key = Arrays.copyOf(new byte[] {(byte) length}, spec.keySize());
    System.arraycopy(bytes, 0, key, PREFIX_LENGTH_SIZE, size);
    return key;
  }

  private static String addressOf(int size) {
    return switch (size) {
      case Addresses.IPV4_SIZE -> "an IPv4 address";
      case Addresses.IPV6_SIZE -> "an IPv6 address";
      case Addresses.MAC_SIZE -> "a MAC address";
      default -> "an address of " + size + " bytes";
    };
  }

  private static int length(String text, int size) throws TextException {
    if (text.matches("\\d{1,3}") && Integer.parseInt(text) <= size * Byte.SIZE) {
      return Integer.parseInt(text);
    }
    throw new TextException(
        "'" + text + "' is not a prefix length, which is 0 to " + size * Byte.SIZE);
  }

  /**
   * The bytes of a value.
   *
   * @param old the value the entry has now, whose fields stay where {@code text} does not name
   *     them; or null
   */
  public byte[] value(String text, byte[] old) throws TextException {
    byte[] value = old == null ? new byte[spec.valueSize()] : Arrays.copyOf(old, spec.valueSize());
    ValueParser.parse(btf, spec.valueBtf(), text.strip(), value);
    return value;
  }

  /**
   * The bytes of a variable.
   *
   * @param old the whole section as it is now
   */
  public byte[] value(String text, Variable variable, byte[] old) throws TextException {
    int end = variable.offset() + variable.size();
    byte[] value = Arrays.copyOfRange(old, variable.offset(), end);
    ValueParser.parse(btf, variable.type(), text.strip(), value);
    return value;
  }

  /** A key for people: prefixes as routes are written, what has no type as a number or bytes. */
  public String keyText(byte[] key) {
    int size = key.length - PREFIX_LENGTH_SIZE;
    boolean address = size == Addresses.IPV4_SIZE || size == Addresses.IPV6_SIZE;
    if (spec.type() == MapType.LPM_TRIE && address) {
      long length = Integer.toUnsignedLong(littleEndian(key).getInt(0));
      byte[] bytes = Arrays.copyOfRange(key, PREFIX_LENGTH_SIZE, key.length);
      return Addresses.format(bytes) + "/" + length;
    }
    return text(spec.keyBtf(), key);
  }

  /** A value for people. */
  public String valueText(byte[] value) {
    return text(spec.valueBtf(), value);
  }

  /** A key as JSON. */
  public String keyJson(byte[] key) {
    return json(spec.keyBtf(), key);
  }

  /** A value as JSON. */
  public String valueJson(byte[] value) {
    return json(spec.valueBtf(), value);
  }

  private String text(int type, byte[] bytes) {
    return isPlainNumber(type, bytes) ? number(bytes) : BtfPrinter.text(btf, type, bytes);
  }

  private String json(int type, byte[] bytes) {
    return isPlainNumber(type, bytes) ? number(bytes) : BtfPrinter.json(btf, type, bytes);
  }

  private boolean isPlainNumber(int type, byte[] bytes) {
    boolean typed = type != 0 && btf.contains(type) && btf.sizeOf(type) == bytes.length;
    boolean size = bytes.length == 1 || bytes.length == 2 || bytes.length == 4 || bytes.length == 8;
    return !typed && size;
  }

  private static String number(byte[] bytes) {
    return Long.toUnsignedString(littleEndian(Arrays.copyOf(bytes, Long.BYTES)).getLong(0));
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
