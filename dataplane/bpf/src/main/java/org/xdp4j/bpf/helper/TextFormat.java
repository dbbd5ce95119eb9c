package org.xdp4j.bpf.helper;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * The text format of {@code bpf_trace_printk} and its kin: what the kernel's {@code
 * bpf_bprintf_prepare} accepts and {@code bstr_printf} makes of it.
 *
 * <pre>
 *  % [0 + - space]* [width] conversion
 *    i d u x X, each with l or ll      c   s   ps pS pB pks pus   p pK px   pi4 pI4 pi6 pI6   %
 * </pre>
 */
final class TextFormat {
  /** Where the values of the conversions come from. */
  interface Arguments {
    /** How many there are. */
    int count();

    /** The i-th, 64 bits wide. */
    long get(int i);
  }

  /** Bytes the kernel has for all arguments of one text together (MAX_BPRINTF_BIN_ARGS). */
  private static final int ROOM = 512;

  /** What became of a format: its text, or 0 bytes and an errno. */
  record Result(byte[] text, int error) {
    boolean failed() {
      return error != 0;
    }
  }

  private final MemorySegment memory;
  private final byte[] format;
  private final Arguments arguments;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int at;
  private int taken;

  /** Bytes of the kernel's room that the arguments so far take. */
  private int used;

  /** Why a conversion failed. */
  private int error = Errno.EINVAL;

  // The flags and width of the conversion at hand.
  private boolean left;
  private boolean zero;
  private boolean plus;
  private boolean space;
  private int width;

  private TextFormat(MemorySegment memory, byte[] format, Arguments arguments) {
    this.memory = memory;
    this.format = format;
    this.arguments = arguments;
  }

  /**
   * Formats.
   *
   * @param format without its NUL; null, which is not accepted, where there was none
   * @return the text; -EINVAL when the format is not accepted, -ENOSPC when the kernel has no room
   *     for the arguments
   */
  static Result format(MemorySegment memory, byte[] format, Arguments arguments) {
    if (format == null) {
      return new Result(new byte[0], Errno.EINVAL);
    }
    TextFormat text = new TextFormat(memory, format, arguments);
    int error = text.run();
    return new Result(error == 0 ? text.out.toByteArray() : new byte[0], error);
  }

  /** The bytes before the first NUL of {@code size} bytes; null when there is no NUL. */
  static byte[] terminated(MemorySegment memory, long address, long size) {
    for (long i = 0; i < size; i++) {
      if (memory.get(Region.BYTE, address + i) == 0) {
        byte[] text = new byte[(int) i];
        MemorySegment.copy(memory, Region.BYTE, address, text, 0, text.length);
        return text;
      }
    }
    return null;
  }

  private int run() {
    while (at < format.length) {
      int c = peek(0);
      if (c < ' ' && !isSpace(c) || c == 0x7F) {
        return Errno.EINVAL;
      }
      at++;
      if (c != '%') {
        out.write(c);
      } else if (peek(0) == '%') {
        at++;
        out.write('%');
      } else {
        if (taken >= arguments.count()) {
          return Errno.EINVAL;
        }
        readFlags();
        if (!convert(arguments.get(taken++))) {
          return error;
        }
      }
    }
    return 0;
  }

  private int peek(int ahead) {
    return at + ahead < format.length ? format[at + ahead] & 0xFF : 0;
  }

  private void readFlags() {
    left = false;
    zero = false;
    plus = false;
    space = false;
    width = 0;
    for (; "0+- ".indexOf(peek(0)) >= 0 && peek(0) != 0; at++) {
      left |= peek(0) == '-';
      zero |= peek(0) == '0';
      plus |= peek(0) == '+';
      space |= peek(0) == ' ';
    }
    if (peek(0) >= '1' && peek(0) <= '9') {
      for (; peek(0) >= '0' && peek(0) <= '9'; at++) {
        width = Math.min(width * 10 + peek(0) - '0', 1 << 15);
      }
    }
  }

  /** One conversion; false when the kernel knows no such. */
  private boolean convert(long value) {
    switch (peek(0)) {
      case 'p' -> {
        at++;
        return pointer(value);
      }
      case 's' -> {
        at++;
        return string(value);
      }
      case 'c' -> {
        at++;
        pad(new byte[] {(byte) value});
        return takes(1, 1);
      }
      default -> {
        return number(value);
      }
    }
  }

  /** Whether the kernel has room for {@code least} bytes more, of which {@code bytes} are taken. */
  private boolean takes(int least, int bytes) {
    if (ROOM - used < least) {
      error = Errno.ENOSPC;
      return false;
    }
    used += bytes;
    return true;
  }

  /** The same of a number, which stands at a multiple of 4. */
  private boolean takesNumber(int bytes) {
    used = used + 3 & -4;
    return takes(bytes, bytes);
  }

  private boolean number(long value) {
    boolean wide = false;
    for (int n = 0; n < 2 && peek(0) == 'l'; n++, at++) {
      wide = true;
    }
    int conversion = peek(0);
    at++;
    switch (conversion) {
      case 'i', 'd' -> signed(wide ? value : (int) value);
      case 'u' -> digits("", Long.toUnsignedString(wide ? value : value & 0xFFFFFFFFL));
      case 'x' -> digits("", Long.toHexString(wide ? value : value & 0xFFFFFFFFL));
      case 'X' -> digits("", Long.toHexString(wide ? value : value & 0xFFFFFFFFL).toUpperCase());
      default -> {
        return false;
      }
    }
    return takesNumber(wide ? Long.BYTES : Integer.BYTES);
  }

  private void signed(long value) {
    String sign = value < 0 ? "-" : plus ? "+" : space ? " " : "";
    String digits = Long.toString(value);
    digits(sign, value < 0 ? digits.substring(1) : digits);
  }

  private void digits(String sign, String digits) {
    if (zero && !left) {
      digits = "0".repeat(Math.max(0, width - sign.length() - digits.length())) + digits;
    }
    pad(ascii(sign + digits));
  }

  private boolean pointer(long value) {
    int kind = peek(0);
    if (kind == 0 || isSpace(kind) || isPunctuation(kind)) {
      address(value);
      return takesNumber(Long.BYTES);
    }
    at++;
    switch (kind) {
      case 'K', 'x' -> address(value);
      case 's', 'S' -> pad(ascii("0x" + Long.toHexString(value)));
      case 'B' -> {
        String text = "0x" + Long.toHexString(value);
        pad(ascii(text));
        return takes(0, text.length() + 1);
      }
      case 'k', 'u' -> {
        return peek(0) == 's' && at++ >= 0 && string(value);
      }
      case 'i', 'I' -> {
        return internet(kind == 'I', value);
      }
      default -> {
        return false;
      }
    }
    return takesNumber(Long.BYTES);
  }

  /** A pointer as 16 hexadecimal digits: an address in the region, so there is nothing to hide. */
  private void address(long value) {
    width = width == 0 ? 16 : width;
    zero = true;
    digits("", Long.toHexString(value));
  }

  private boolean internet(boolean dotted, long address) {
    int version = peek(0);
    at++;
    if (version != '4' && version != '6') {
      return false;
    }
    byte[] ip = read(address, version == '4' ? 4 : 16);
    int left = ROOM - used - 1;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ip.length; i++) {
      if (version == '4') {
        text.append(i == 0 ? "" : ".");
        text.append((dotted ? "%d" : "%03d").formatted(ip[i] & 0xFF));
      } else {
        text.append(dotted && i > 0 && i % 2 == 0 ? ":" : "");
        text.append("%02x".formatted(ip[i] & 0xFF));
      }
    }
    if (!takes(ip.length, text.length() + 1)) {
      return false;
    }
    // The last one may find room for its beginning only.
    pad(ascii(text.substring(0, Math.min(left, text.length()))));
    return true;
  }

  private boolean string(long address) {
    int next = peek(0);
    if (next != 0 && !isSpace(next) && !isPunctuation(next)) {
      return false;
    }
    byte[] text = terminated(address);
    pad(text);
    return takes(1, text.length + 1);
  }

  /** A string as {@code strncpy_from_kernel_nofault} reads it: empty where nothing can be read. */
  private byte[] terminated(long address) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      for (int i = 0; i < ROOM - used - 1; i++) {
        byte b = memory.get(Region.BYTE, address + i);
        if (b == 0) {
          break;
        }
        text.write(b);
      }
    } catch (IndexOutOfBoundsException unreadable) {
      return new byte[0];
    }
    return text.toByteArray();
  }

  /** Zeros where nothing can be read, as the kernel does. */
  private byte[] read(long address, int size) {
    byte[] bytes = new byte[size];
    if (address >= 0 && address <= memory.byteSize() - size) {
      MemorySegment.copy(memory, Region.BYTE, address, bytes, 0, size);
    }
    return bytes;
  }

  private void pad(byte[] text) {
    byte[] blanks =
        " ".repeat(Math.max(0, width - text.length)).getBytes(StandardCharsets.US_ASCII);
    out.writeBytes(left ? text : blanks);
    out.writeBytes(left ? blanks : text);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  // As the kernel's table has it (lib/ctype.c), which is that of Latin-1.

  private static boolean isSpace(int c) {
    return c == ' ' || c >= '\t' && c <= '\r' || c == 0xA0;
  }

  private static boolean isPunctuation(int c) {
    boolean latin = c > 0xA0 && c < 0xC0 || c == 0xD7 || c == 0xF7;
    return latin || c > ' ' && c <= '~' && !Character.isLetterOrDigit(c);
  }
}
