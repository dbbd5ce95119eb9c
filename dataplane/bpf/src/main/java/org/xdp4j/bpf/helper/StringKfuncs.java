package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * Strings at addresses that nothing is known of (kernel/bpf/helpers.c, bpf_str*). All answer a
 * number, as an {@code int}: a place or a length, else -ENOENT when there is none, -E2BIG for a
 * string of 65,536 bytes or more, -ERANGE for a user address, -EFAULT where nothing can be read.
 */
public final class StringKfuncs {
  /** Characters looked at (kernel: XATTR_SIZE_MAX). */
  private static final int MOST = 65536;

  private static final int END = 0;
  private static final int UNREADABLE = -1;

  /** No answer: the next character is asked. */
  private static final int GO_ON = Integer.MIN_VALUE;

  private static final long LOW = 0xffffffffL;

  private StringKfuncs() {}

  static void declare(KfuncTable table) {
    row(table, "bpf_strcmp", "compare", IGNORED, IGNORED);
    row(table, "bpf_strcasecmp", "compareIgnoringCase", IGNORED, IGNORED);
    row(table, "bpf_strlen", "length", IGNORED);
    row(table, "bpf_strnlen", "lengthUpTo", IGNORED, SCALAR);
    row(table, "bpf_strchr", "find", IGNORED, SCALAR);
    row(table, "bpf_strnchr", "findUpTo", IGNORED, SCALAR, SCALAR);
    row(table, "bpf_strchrnul", "findOrEnd", IGNORED, SCALAR);
    row(table, "bpf_strrchr", "findLast", IGNORED, SCALAR);
    row(table, "bpf_strspn", "span", IGNORED, IGNORED);
    row(table, "bpf_strcspn", "spanWithout", IGNORED, IGNORED);
    row(table, "bpf_strstr", "findString", IGNORED, IGNORED);
    row(table, "bpf_strnstr", "findStringUpTo", IGNORED, IGNORED, SCALAR);
  }

  private static void row(KfuncTable table, String name, String method, ArgumentKind... kinds) {
    table.row(name).takes(kinds).by(StringKfuncs.class, method);
  }

  /** The character there, unsigned as in Linux; {@link #UNREADABLE} where nothing is. */
  private static int at(MemorySegment memory, long address) {
    return address >= Region.FIRST_ADDRESS && address < memory.byteSize()
        ? memory.get(Region.BYTE, address) & 0xff
        : UNREADABLE;
  }

  private static boolean isOutOfRange(MemorySegment memory, long address) {
    return ProbeHelpers.refusal(memory, address, 1) == Errno.ERANGE;
  }

  /** Linux's tolower, which knows Latin-1. */
  private static int lower(int c) {
    boolean upper = c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7;
    return upper ? c + 'a' - 'A' : c;
  }

  /** {@code bpf_strcmp(s1, s2)}: 0, -1 or 1. */
  public static long compare(XdpContext ctx, long s1, long s2, long r3, long r4, long r5) {
    return compare(ctx.region.segment(), s1, s2, false) & LOW;
  }

  /** {@code bpf_strcasecmp(s1, s2)}: 0, -1 or 1. */
  public static long compareIgnoringCase(
      XdpContext ctx, long s1, long s2, long r3, long r4, long r5) {
    return compare(ctx.region.segment(), s1, s2, true) & LOW;
  }

  private static int compare(MemorySegment memory, long s1, long s2, boolean ignoreCase) {
    if (isOutOfRange(memory, s1) || isOutOfRange(memory, s2)) {
      return Errno.ERANGE;
    }
    for (int i = 0; i < MOST; i++) {
      int c1 = at(memory, s1 + i);
      int c2 = at(memory, s2 + i);
      if (c1 == UNREADABLE || c2 == UNREADABLE) {
        return Errno.EFAULT;
      }
      c1 = ignoreCase ? lower(c1) : c1;
      c2 = ignoreCase ? lower(c2) : c2;
      if (c1 != c2) {
        return c1 < c2 ? -1 : 1;
      }
      if (c1 == END) {
        return 0;
      }
    }
    return Errno.E2BIG;
  }

  /** {@code bpf_strlen(s)}. */
  public static long length(XdpContext ctx, long s, long r2, long r3, long r4, long r5) {
    return length(ctx.region.segment(), s, MOST) & LOW;
  }

  /** {@code bpf_strnlen(s, size_t count)}. */
  public static long lengthUpTo(XdpContext ctx, long s, long count, long r3, long r4, long r5) {
    return length(ctx.region.segment(), s, count) & LOW;
  }

  /** What is asked of one character after the other. */
  @FunctionalInterface
  private interface Question {
    /** The answer for the character at {@code index}, or {@link #GO_ON}. */
    int ask(int index, int character);
  }

  /**
   * Asks of the first {@code count} characters, which is unsigned, or of those before what cannot
   * be read.
   *
   * @param otherwise the answer when all were asked and {@code count} was less than is looked at
   */
  private static int each(
      MemorySegment memory, long s, long count, int otherwise, Question question) {
    if (isOutOfRange(memory, s)) {
      return Errno.ERANGE;
    }
    int limit = limit(count);
    for (int i = 0; i < limit; i++) {
      int c = at(memory, s + i);
      int answer = c == UNREADABLE ? Errno.EFAULT : question.ask(i, c);
      if (answer != GO_ON) {
        return answer;
      }
    }
    return limit == MOST ? Errno.E2BIG : otherwise;
  }

  /** The smaller of an unsigned count and what is looked at at the most. */
  private static int limit(long count) {
    return Long.compareUnsigned(count, MOST) < 0 ? (int) count : MOST;
  }

  private static int length(MemorySegment memory, long s, long count) {
    return each(memory, s, count, limit(count), (i, c) -> c == END ? i : GO_ON);
  }

  /** {@code bpf_strchr(s, char c)}: where c is first. */
  public static long find(XdpContext ctx, long s, long c, long r3, long r4, long r5) {
    return find(ctx.region.segment(), s, MOST, (int) c & 0xff) & LOW;
  }

  /** {@code bpf_strnchr(s, size_t count, char c)}: where c is first. */
  public static long findUpTo(XdpContext ctx, long s, long count, long c, long r4, long r5) {
    return find(ctx.region.segment(), s, count, (int) c & 0xff) & LOW;
  }

  private static int find(MemorySegment memory, long s, long count, int wanted) {
    return each(
        memory,
        s,
        count,
        Errno.ENOENT,
        (i, c) -> c == wanted ? i : c == END ? Errno.ENOENT : GO_ON);
  }

  /** {@code bpf_strchrnul(s, char c)}: where c is first, or the end. */
  public static long findOrEnd(XdpContext ctx, long s, long c, long r3, long r4, long r5) {
    int wanted = (int) c & 0xff;
    return each(
            ctx.region.segment(),
            s,
            MOST,
            Errno.E2BIG,
            (i, found) -> found == END || found == wanted ? i : GO_ON)
        & LOW;
  }

  /** {@code bpf_strrchr(s, int c)}: where c is last; a negative one, being an int, is nowhere. */
  public static long findLast(XdpContext ctx, long s, long c, long r3, long r4, long r5) {
    int wanted = (int) c;
    int[] last = {Errno.ENOENT};
    return each(
            ctx.region.segment(),
            s,
            MOST,
            Errno.E2BIG,
            (i, found) -> {
              last[0] = found == wanted ? i : last[0];
              return found == END ? last[0] : GO_ON;
            })
        & LOW;
  }

  /** {@code bpf_strspn(s, accept)}: characters at its beginning that are all in {@code accept}. */
  public static long span(XdpContext ctx, long s, long accept, long r3, long r4, long r5) {
    return span(ctx.region.segment(), s, accept, true) & LOW;
  }

  /** {@code bpf_strcspn(s, reject)}: characters at its beginning that are not in {@code reject}. */
  public static long spanWithout(XdpContext ctx, long s, long reject, long r3, long r4, long r5) {
    return span(ctx.region.segment(), s, reject, false) & LOW;
  }

  private static int span(MemorySegment memory, long s, long set, boolean inside) {
    if (isOutOfRange(memory, set)) {
      return Errno.ERANGE;
    }
    return each(
        memory,
        s,
        MOST,
        Errno.E2BIG,
        (i, c) -> {
          int member = c == END ? END : member(memory, set, c);
          return member < 0 ? member : c == END || member == 1 != inside ? i : GO_ON;
        });
  }

  /** 1 when {@code c} is in {@code set}, 0 when not, or an errno. */
  private static int member(MemorySegment memory, long set, int c) {
    return each(memory, set, MOST, Errno.E2BIG, (i, one) -> one == END ? 0 : one == c ? 1 : GO_ON);
  }

  /** {@code bpf_strstr(s1, s2)}: where s2 is first in s1. */
  public static long findString(XdpContext ctx, long s1, long s2, long r3, long r4, long r5) {
    return findString(ctx.region.segment(), s1, s2, MOST) & LOW;
  }

  /** {@code bpf_strnstr(s1, s2, size_t len)}: where s2 is first in the first {@code len} of s1. */
  public static long findStringUpTo(XdpContext ctx, long s1, long s2, long len, long r4, long r5) {
    return findString(ctx.region.segment(), s1, s2, len) & LOW;
  }

  private static int findString(MemorySegment memory, long s1, long s2, long length) {
    if (isOutOfRange(memory, s1) || isOutOfRange(memory, s2)) {
      return Errno.ERANGE;
    }
    for (int i = 0; i < MOST; i++) {
      int j = 0;
      for (; Long.compareUnsigned(i + j, length) <= 0 && j < MOST; j++) {
        int c2 = at(memory, s2 + j);
        if (c2 == UNREADABLE) {
          return Errno.EFAULT;
        }
        if (c2 == END) {
          return i;
        }
        if (i + j == length) {
          break;
        }
        int c1 = at(memory, s1 + i + j);
        if (c1 == UNREADABLE) {
          return Errno.EFAULT;
        }
        if (c1 == END) {
          return Errno.ENOENT;
        }
        if (c1 != c2) {
          break;
        }
      }
      if (j == MOST) {
        return Errno.E2BIG;
      }
      if (i + j == length) {
        return Errno.ENOENT;
      }
    }
    return Errno.E2BIG;
  }
}
