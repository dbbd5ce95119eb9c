package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_LONG;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * Numbers read from text (kernel/bpf/helpers.c, lib/kstrtox.c).
 *
 * <pre>
 *  white space*  -?  (0 | 0x)?  digits   the rest is left alone
 * </pre>
 */
public final class NumberHelpers {
  /** BPF_STRTOX_BASE_MASK. */
  private static final long BASE_MASK = 0x1F;

  /** Characters after white space and sign that the kernel looks at. */
  private static final int MOST = 63;

  private NumberHelpers() {}

  static void declare(HelperTable table) {
    table
        .row(105, "strtol")
        .takes(MEM, SIZE, ANYTHING, UNINIT_LONG)
        .by(NumberHelpers.class, "signed");
    table
        .row(106, "strtoul")
        .takes(MEM, SIZE, ANYTHING, UNINIT_LONG)
        .by(NumberHelpers.class, "unsigned");
  }

  /**
   * {@code bpf_strtol(text, u32 size, flags, long *result)}: the characters read, -EINVAL for an
   * unknown base or no digit, -ERANGE for a number too large.
   */
  public static long signed(
      XdpContext ctx, long text, long size, long flags, long result, long r5) {
    return parse(ctx.region.segment(), text, size & 0xFFFFFFFFL, flags, result, true);
  }

  /** {@code bpf_strtoul(text, u32 size, flags, unsigned long *result)}: -EINVAL for a minus too. */
  public static long unsigned(
      XdpContext ctx, long text, long size, long flags, long result, long r5) {
    return parse(ctx.region.segment(), text, size & 0xFFFFFFFFL, flags, result, false);
  }

  private static long parse(
      MemorySegment memory, long text, long size, long flags, long result, boolean signed) {
    memory.set(Region.LONG, result, 0L);
    int base = (int) (flags & BASE_MASK);
    if ((flags & ~BASE_MASK) != 0 || base != 0 && base != 8 && base != 10 && base != 16) {
      return Errno.EINVAL;
    }
    long end = text + size;
    long at = text;
    while (at < end && isSpace(memory.get(Region.BYTE, at))) {
      at++;
    }
    boolean minus = at < end && memory.get(Region.BYTE, at) == '-';
    if (minus) {
      at++;
    }
    end = Math.min(end, at + MOST);
    if (base == 0) {
      base = base(memory, at, end);
    }
    if (base == 16 && at(memory, at, end) == '0' && lower(at(memory, at + 1, end)) == 'x') {
      at += 2;
    }
    return digits(memory, text, at, end, base, minus, result, signed);
  }

  /** The base that a number's first characters say. */
  private static int base(MemorySegment memory, long at, long end) {
    if (at(memory, at, end) != '0') {
      return 10;
    }
    boolean hex =
        lower(at(memory, at + 1, end)) == 'x' && Character.digit(at(memory, at + 2, end), 16) >= 0;
    return hex ? 16 : 8;
  }

  private static long digits(
      MemorySegment memory,
      long text,
      long start,
      long end,
      int base,
      boolean minus,
      long result,
      boolean signed) {
    long value = 0;
    long at = start;
    boolean overflow = false;
    for (; ; at++) {
      int digit = Character.digit(at(memory, at, end), base);
      if (digit < 0) {
        break;
      }
      overflow |= Long.compareUnsigned(value, Long.divideUnsigned(-1L - digit, base)) > 0;
      value = value * base + digit;
    }
    if (overflow) {
      return Errno.ERANGE;
    }
    if (at == start) {
      return Errno.EINVAL;
    }
    if (!signed && minus) {
      return Errno.EINVAL;
    }
    if (signed && (minus ? -value > 0 : value < 0)) {
      return Errno.ERANGE;
    }
    memory.set(Region.LONG, result, minus ? -value : value);
    return at - text;
  }

  /** The character there, NUL behind the end. */
  private static char at(MemorySegment memory, long at, long end) {
    return at < end ? (char) (memory.get(Region.BYTE, at) & 0xFF) : 0;
  }

  private static int lower(int c) {
    return c | 0x20;
  }

  /** As the kernel's Latin-1 table has it, with the no-break space. */
  private static boolean isSpace(byte c) {
    return c == ' ' || c >= '\t' && c <= '\r' || c == (byte) 0xA0;
  }
}
