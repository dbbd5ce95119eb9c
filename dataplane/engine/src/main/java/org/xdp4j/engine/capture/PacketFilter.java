package org.xdp4j.engine.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A classic BPF program over frames, as tcpdump expressions compile to (bpf(4); McCanne and
 * Jacobson, USENIX 1993). Immutable; any thread may run it.
 *
 * <p>Every load is checked against the frame's bytes, every jump goes forward, and a division by
 * zero or a load beyond the end refuses the frame, as in Linux.
 */
public final class PacketFilter {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int MEMORY_WORDS = 16;

  // Instruction classes, modes and operations (linux/bpf_common.h, linux/filter.h).
  private static final int LD = 0;
  private static final int LDX = 1;
  private static final int ST = 2;
  private static final int STX = 3;
  private static final int ALU = 4;
  private static final int JMP = 5;
  private static final int RET = 6;
  private static final int MISC = 7;
  private static final int SOURCE_X = 0x08;
  private static final int IMM = 0x00;
  private static final int ABS = 0x20;
  private static final int IND = 0x40;
  private static final int MEM = 0x60;
  private static final int LEN = 0x80;
  private static final int MSH = 0xa0;
  private static final long REFUSED = 1L << 40;

  private final String expression;
  private final int[] codes;
  private final int[] ifTrue;
  private final int[] ifFalse;
  private final int[] constants;

  /**
   * Makes one of instructions.
   *
   * @param expression what it was made from, for messages
   * @throws IllegalArgumentException when it could run off its end or beyond its memory
   */
  PacketFilter(String expression, int[] codes, int[] ifTrue, int[] ifFalse, int[] constants) {
    this.expression = expression;
    this.codes = codes.clone();
    this.ifTrue = ifTrue.clone();
    this.ifFalse = ifFalse.clone();
    this.constants = constants.clone();
    for (int i = 0; i < codes.length; i++) {
      check(i);
    }
    if (codes.length == 0 || (codes[codes.length - 1] & 7) != RET) {
      throw new IllegalArgumentException("a filter ends with a return");
    }
  }

  private void check(int i) {
    int kind = codes[i] & 7;
    long furthest =
        kind != JMP
            ? 0
            : (codes[i] & 0xf0) == 0
                ? Integer.toUnsignedLong(constants[i])
                : Math.max(ifTrue[i], ifFalse[i]);
    boolean memory =
        kind == ST || kind == STX || (kind == LD || kind == LDX) && (codes[i] & 0xe0) == MEM;
    if (i + 1 + furthest > codes.length
        || kind == JMP && i + 1 + furthest >= codes.length
        || memory && Integer.compareUnsigned(constants[i], MEMORY_WORDS) >= 0) {
      throw new IllegalArgumentException("instruction " + i + " leads out of the filter");
    }
  }

  /** The expression it was made from. */
  public String expression() {
    return expression;
  }

  /**
   * Whether a frame fits.
   *
   * @param data where it begins
   * @param length its bytes
   */
  public boolean matches(MemorySegment memory, long data, int length) {
    int a = 0;
    int x = 0;
    int[] words = null;
    int pc = 0;
    while (true) {
      int code = codes[pc];
      int k = constants[pc];
      switch (code & 7) {
        case LD, LDX -> {
          long value = load(code, k, x, words, memory, data, length);
          if (value == REFUSED) {
            return false;
          }
          if ((code & 7) == LD) {
            a = (int) value;
          } else {
            x = (int) value;
          }
        }
        case ST, STX -> {
          words = words == null ? new int[MEMORY_WORDS] : words;
          words[k] = (code & 7) == ST ? a : x;
        }
        case ALU -> {
          int operand = (code & SOURCE_X) != 0 ? x : k;
          boolean divides = (code & 0xf0) == 0x30 || (code & 0xf0) == 0x90;
          if (divides && operand == 0) {
            return false;
          }
          a = compute(code & 0xf0, a, operand);
        }
        case JMP -> pc += jump(pc, a, x);
        case RET -> {
          return ((code & 0x18) == 0x10 ? a : k) != 0;
        }
        default -> {
          if ((code & 0xf8) == 0) {
            x = a;
          } else {
            a = x;
          }
        }
      }
      pc++;
    }
  }

  private static long load(
      int code, int k, int x, int[] words, MemorySegment memory, long data, int length) {
    int mode = code & 0xe0;
    if (mode == IMM) {
      return k & 0xffffffffL;
    }
    if (mode == LEN) {
      return length;
    }
    if (mode == MEM) {
      return words == null ? 0 : words[k] & 0xffffffffL;
    }
    long offset =
        mode == IND ? Integer.toUnsignedLong(x) + Integer.toUnsignedLong(k) : k & 0xffffffffL;
    int size = mode == MSH ? 1 : (code & 0x18) == 0 ? 4 : (code & 0x18) == 0x08 ? 2 : 1;
    if (offset + size > length) {
      return REFUSED;
    }
    long at = data + offset;
    return switch (size) {
      case 4 -> memory.get(INT, at) & 0xffffffffL;
      case 2 -> memory.get(SHORT, at) & 0xffffL;
      default -> {
        int value = memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        yield mode == MSH ? (value & 0xf) << 2 : value;
      }
    };
  }

  private static int compute(int operation, int a, int operand) {
    return switch (operation) {
      case 0x00 -> a + operand;
      case 0x10 -> a - operand;
      case 0x20 -> a * operand;
      case 0x30 -> Integer.divideUnsigned(a, operand);
      case 0x40 -> a | operand;
      case 0x50 -> a & operand;
      case 0x60 -> Integer.compareUnsigned(operand, 32) < 0 ? a << operand : 0;
      case 0x70 -> Integer.compareUnsigned(operand, 32) < 0 ? a >>> operand : 0;
      case 0x80 -> -a;
      case 0x90 -> Integer.remainderUnsigned(a, operand);
      default -> a ^ operand;
    };
  }

  private int jump(int pc, int a, int x) {
    int operand = (codes[pc] & SOURCE_X) != 0 ? x : constants[pc];
    int compared = Integer.compareUnsigned(a, operand);
    boolean taken =
        switch (codes[pc] & 0xf0) {
          case 0x00 -> true;
          case 0x10 -> compared == 0;
          case 0x20 -> compared > 0;
          case 0x30 -> compared >= 0;
          default -> (a & operand) != 0;
        };
    if ((codes[pc] & 0xf0) == 0) {
      return constants[pc];
    }
    return taken ? ifTrue[pc] : ifFalse[pc];
  }

  @Override
  public String toString() {
    return expression;
  }
}
