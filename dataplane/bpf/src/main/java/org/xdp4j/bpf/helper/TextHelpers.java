package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONST_STRING;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_OR_NULL;
import static org.xdp4j.bpf.helper.ArgumentKind.NONE;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM_OR_NULL;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/** Text (kernel/trace/bpf_trace.c, kernel/bpf/helpers.c). */
public final class TextHelpers {
  /** Bytes of the kernel's text buffer, with the NUL. */
  private static final int PRINTK_SIZE = 1024;

  private static final int VARIABLE_ARGUMENTS = 12;

  private TextHelpers() {}

  static void declare(HelperTable table) {
    // The kernel checks two arguments: what the text does not name may be left uninitialised, and
    // bpf_printk leaves it so.
    table
        .row(6, "trace_printk")
        .takes(MEM, SIZE, NONE, NONE, NONE)
        .gplOnly()
        .by(TextHelpers.class, "printk");
    table
        .row(HelperSpec.SNPRINTF, "snprintf")
        .takes(UNINIT_MEM_OR_NULL, SIZE_OR_ZERO, CONST_STRING, MEM_OR_NULL, SIZE_OR_ZERO)
        .gplOnly()
        .by(TextHelpers.class, "snprintf");
    table
        .row(177, "trace_vprintk")
        .takes(MEM, SIZE, MEM_OR_NULL, SIZE_OR_ZERO)
        .gplOnly()
        .by(TextHelpers.class, "vprintk");
    table.row(182, "strncmp").takes(MEM, SIZE, CONST_STRING).by(TextHelpers.class, "strncmp");
  }

  /**
   * {@code bpf_trace_printk(format, u32 size, a, b, c)}: the text's length, or -EINVAL for a format
   * that is not accepted.
   */
  public static long printk(XdpContext ctx, long format, long size, long a, long b, long c) {
    return print(
        ctx,
        format,
        size,
        new TextFormat.Arguments() {
          @Override
          public int count() {
            return 3;
          }

          @Override
          public long get(int i) {
            return i == 0 ? a : i == 1 ? b : c;
          }
        });
  }

  /** {@code bpf_trace_vprintk(format, u32 size, data, u32 dataSize)}. */
  public static long vprintk(
      XdpContext ctx, long format, long size, long data, long dataSize, long r5) {
    int bytes = (int) dataSize;
    if (!isArguments(bytes, data)) {
      return Errno.EINVAL;
    }
    return print(ctx, format, size, arguments(ctx, data, bytes));
  }

  private static long print(
      XdpContext ctx, long format, long size, TextFormat.Arguments arguments) {
    MemorySegment memory = ctx.region.segment();
    byte[] pattern = TextFormat.terminated(memory, format, size & 0xFFFFFFFFL);
    TextFormat.Result result = TextFormat.format(memory, pattern, arguments);
    if (result.failed()) {
      return result.error();
    }
    byte[] text = result.text();
    int shown = Math.min(text.length, PRINTK_SIZE - 1);
    ctx.events.printk(ctx.cpu, new String(text, 0, shown, StandardCharsets.ISO_8859_1));
    return text.length;
  }

  /**
   * {@code bpf_snprintf(str, u32 size, format, data, u32 dataSize)}: the length of the whole text
   * with its NUL, -EINVAL or -ENOSPC; what fits is in {@code str}.
   */
  public static long snprintf(
      XdpContext ctx, long str, long size, long format, long data, long dataSize) {
    int bytes = (int) dataSize;
    if (!isArguments(bytes, data)) {
      return Errno.EINVAL;
    }
    MemorySegment memory = ctx.region.segment();
    byte[] pattern = TextFormat.terminated(memory, format, memory.byteSize() - format);
    TextFormat.Result result = TextFormat.format(memory, pattern, arguments(ctx, data, bytes));
    if (result.failed()) {
      return result.error();
    }
    byte[] text = result.text();
    int room = str == 0 ? 0 : (int) Math.min(size & 0xFFFFFFFFL, Integer.MAX_VALUE);
    if (room > 0) {
      int shown = Math.min(text.length, room - 1);
      MemorySegment.copy(text, 0, memory, Region.BYTE, str, shown);
      memory.set(Region.BYTE, str + shown, (byte) 0);
    }
    return text.length + 1L;
  }

  /** Whether Linux takes {@code format} (without its NUL) for {@code count} arguments. */
  public static boolean accepts(byte[] format, int count) {
    TextFormat.Arguments zeros =
        new TextFormat.Arguments() {
          @Override
          public int count() {
            return count;
          }

          @Override
          public long get(int i) {
            return 0;
          }
        };
    return TextFormat.format(MemorySegment.NULL, format, zeros).error() != Errno.EINVAL;
  }

  /**
   * The text of a constant format and {@code size} bytes of arguments, as far as the kernel has
   * room for it; null for a format that is not accepted.
   */
  static String text(XdpContext ctx, long format, long data, long size) {
    int bytes = (int) size;
    MemorySegment memory = ctx.region.segment();
    if (!isArguments(bytes, data)) {
      return null;
    }
    byte[] pattern = TextFormat.terminated(memory, format, memory.byteSize() - format);
    TextFormat.Result result = TextFormat.format(memory, pattern, arguments(ctx, data, bytes));
    int shown = Math.min(result.text().length, PRINTK_SIZE - 1);
    return result.failed()
        ? null
        : new String(result.text(), 0, shown, StandardCharsets.ISO_8859_1);
  }

  private static boolean isArguments(int bytes, long data) {
    return bytes >= 0
        && bytes % 8 == 0
        && bytes <= 8 * VARIABLE_ARGUMENTS
        && (bytes == 0 || data != 0);
  }

  private static TextFormat.Arguments arguments(XdpContext ctx, long data, int bytes) {
    return new TextFormat.Arguments() {
      @Override
      public int count() {
        return bytes / 8;
      }

      @Override
      public long get(int i) {
        return ctx.region.segment().get(Region.LONG, data + 8L * i);
      }
    };
  }

  /** {@code bpf_strncmp(s1, u32 size, s2)}: less than, equal to or more than 0, as strncmp(3). */
  public static long strncmp(XdpContext ctx, long s1, long size, long s2, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    for (long i = 0; i < (size & 0xFFFFFFFFL); i++) {
      int a = memory.get(Region.BYTE, s1 + i) & 0xFF;
      int b = memory.get(Region.BYTE, s2 + i) & 0xFF;
      if (a != b) {
        return a < b ? -1 : 1;
      }
      if (a == 0) {
        return 0;
      }
    }
    return 0;
  }
}
