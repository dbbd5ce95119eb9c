package org.xdp4j.bpf.object;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * What of a kernel's configuration has a meaning here, for {@code extern ... __kconfig}: the parts
 * of Linux that are followed are built in, and a second has as many jiffies as {@code
 * bpf_jiffies64} counts. What somebody sets comes before that. Values are written as libbpf writes
 * them (set_kcfg_value_tri, _str and _num).
 */
final class KernelConfiguration {
  private static final Map<String, String> BUILT_IN =
      Map.of(
          "CONFIG_64BIT", "y",
          "CONFIG_BPF", "y",
          "CONFIG_BPF_JIT", "y",
          "CONFIG_BPF_SYSCALL", "y",
          "CONFIG_DEFAULT_HOSTNAME", "\"(none)\"",
          "CONFIG_INET", "y",
          "CONFIG_IPV6", "y",
          "CONFIG_NET", "y",
          "CONFIG_XDP_SOCKETS", "y",
          "CONFIG_HZ", "250");

  private KernelConfiguration() {}

  /** What the option is set to; null when nothing is known of it. */
  static String text(Kconfig given, String option) {
    String own = given.value(option);
    return own != null ? own : BUILT_IN.get(option);
  }

  /**
   * The bytes of a variable of {@code type} that holds the value {@code text}.
   *
   * @param size bytes of the variable
   * @throws LinkException when the value does not go with the type
   */
  static byte[] bytes(String option, String text, Btf btf, int type, int size)
      throws LinkException {
    BtfType bare = btf.resolve(type);
    if (bare instanceof BtfType.Var variable) {
      bare = btf.resolve(variable.type());
    }
    if (text.equals("y") || text.equals("n") || text.equals("m")) {
      return number(tristate(option, text, bare), size);
    }
    if (text.startsWith("\"")) {
      return string(option, text, btf, bare, size);
    }
    return number(option, text, bare, size);
  }

  private static byte[] number(long value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < Math.min(size, Long.BYTES); i++) {
      bytes[i] = (byte) (value >>> i * Byte.SIZE);
    }
    return bytes;
  }

  private static long tristate(String option, String text, BtfType type) throws LinkException {
    if (type instanceof BtfType.Enum) {
      return text.equals("n") ? 0 : text.equals("m") ? 1 : 2; // enum libbpf_tristate
    }
    if (type instanceof BtfType.Int i && i.size() == 1) {
      if (!i.bool() && !i.name().equals("_Bool")) {
        return text.charAt(0);
      }
      if (!text.equals("m")) {
        return text.equals("y") ? 1 : 0;
      }
    }
    throw unfit(option, text, "a variable of bool, char or enum libbpf_tristate");
  }

  private static byte[] string(String option, String text, Btf btf, BtfType type, int size)
      throws LinkException {
    boolean characters =
        type instanceof BtfType.Array array
            && btf.resolve(array.type()) instanceof BtfType.Int element
            && element.size() == 1;
    if (!characters || size == 0 || text.length() < 2 || !text.endsWith("\"")) {
      throw unfit(option, text, "an array of char");
    }
    byte[] bytes = text.substring(1, text.length() - 1).getBytes(StandardCharsets.UTF_8);
    // As libbpf does it, what is too long is cut, and a 0 ends the rest.
    return Arrays.copyOf(Arrays.copyOf(bytes, Math.min(bytes.length, size - 1)), size);
  }

  private static byte[] number(String option, String text, BtfType type, int size)
      throws LinkException {
    if (!(type instanceof BtfType.Int number) || number.size() > Long.BYTES) {
      throw unfit(option, text, "an integer");
    }
    boolean hexadecimal = text.startsWith("0x") || text.startsWith("0X");
    long value;
    try {
      value =
          text.startsWith("-")
              ? Long.parseLong(text)
              : hexadecimal
                  ? Long.parseUnsignedLong(text.substring(2), 16)
                  : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new LinkException(
          "kernel configuration '%s' is set to %s, which is no value".formatted(option, text));
    }
    if (!fits(value, number)) {
      throw unfit(option, text, "a larger integer");
    }
    return number(value, size);
  }

  private static boolean fits(long value, BtfType.Int type) {
    int bits = type.size() * Byte.SIZE;
    if (bits == Long.SIZE) {
      return true;
    }
    return type.signed()
        ? value >= -(1L << bits - 1) && value < 1L << bits - 1
        : value >= 0 && value < 1L << bits;
  }

  private static LinkException unfit(String option, String text, String needed) {
    return new LinkException(
        "kernel configuration '%s' is set to %s, which needs %s".formatted(option, text, needed));
  }
}
