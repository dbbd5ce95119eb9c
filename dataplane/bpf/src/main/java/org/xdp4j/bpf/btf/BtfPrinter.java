package org.xdp4j.bpf.btf;

import java.util.HexFormat;
import java.util.List;

/**
 * Values written by their types, as {@code bpftool map dump} does. Both forms look alike:
 *
 * <pre>
 *  text  {"port": 53, "proto": UDP, "name": "dns", "next": 0x10, "mark": 'x'}
 *  JSON  {"port": 53, "proto": "UDP", "name": "dns", "next": "0x10", "mark": 120}
 * </pre>
 *
 * Numbers of {@code __be16}, {@code __be32} and {@code __be64} are the ones meant, whatever lies in
 * memory; in text {@code __be32} is an IPv4 address, and {@code struct in6_addr} is an IPv6 address
 * in both. Members of anonymous structs and unions are written as the outer one's own, as C names
 * them. What has no known type is written as bytes: {@code 0a 00} and {@code ["0x0a", "0x00"]}. A
 * piece of a static variable that clang has taken apart is a number when it has the size of one,
 * and else bytes.
 */
public final class BtfPrinter {
  private BtfPrinter() {}

  /**
   * {@code value} for people.
   *
   * @param type a BTF id, 0 when the type is unknown
   */
  public static String text(Btf btf, int type, byte[] value) {
    return print(btf, type, value, false);
  }

  /**
   * {@code value} as JSON (RFC 8259). Integers of any size up to 64 bits are numbers.
   *
   * @param type a BTF id, 0 when the type is unknown
   */
  public static String json(Btf btf, int type, byte[] value) {
    return print(btf, type, value, true);
  }

  /**
   * A member of a struct, or a variable of a section.
   *
   * @param text its value for people
   * @param isZero whether all of its bits are
   */
  public record Field(String name, String text, boolean isZero) {}

  /**
   * The parts of {@code value}, in order, when it is a struct or a section; none when it is not.
   * Members of anonymous structs and unions are the outer one's own.
   */
  public static List<Field> fields(Btf btf, int type, byte[] value) {
    boolean whole = type != 0 && btf.contains(type) && btf.sizeOf(type) == value.length;
    return whole ? new FieldReader(btf, value).read(type) : List.of();
  }

  private static String print(Btf btf, int type, byte[] value, boolean json) {
    int size = btf.contains(type) ? btf.sizeOf(type) : -1;
    if (size < 0 || size > value.length) {
      return bytes(value, json);
    }
    ValueWriter writer = new ValueWriter(btf, value, json);
    writer.write(type, 0);
    return writer.toString();
  }

  /** What has no known type. */
  static String bytes(byte[] value, boolean json) {
    if (!json) {
      return HexFormat.ofDelimiter(" ").formatHex(value);
    }
    if (value.length == 0) {
      return "[]";
    }
    return "["
        + HexFormat.ofDelimiter(", ").withPrefix("\"0x").withSuffix("\"").formatHex(value)
        + "]";
  }
}
