package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.generate.Operations;
import org.xdp4j.bpf.isa.Opcode;

/**
 * What is known of a number holds: numbers go through random operations and comparisons, and what
 * the verifier makes of it must contain them at every step.
 */
class ScalarSoundnessTest {
  private static final int CHAINS = 60_000;
  private static final int LENGTH = 12;

  private final Random random = new Random(20);

  /** A number and what is known of it. */
  private record Known(long number, ScalarRange range) {}

  @Test
  void noStepLosesTheNumber() {
    for (int chain = 0; chain < CHAINS; chain++) {
      Known a = fresh();
      Known b = fresh();
      for (int i = 0; i < LENGTH; i++) {
        switch (random.nextInt(4)) {
          case 0 -> a = combined(a, b);
          case 1 -> {
            Known[] both = compared(a, b);
            a = both[0];
            b = both[1];
          }
          case 2 -> a = cast(a);
          default -> {
            Known c = a;
            a = b;
            b = random.nextInt(4) == 0 ? fresh() : c;
          }
        }
        assertThat(a.range.contains(a.number))
            .as("chain %d, step %d: %x in %s", chain, i, a.number, a.range)
            .isTrue();
        assertThat(b.range.contains(b.number))
            .as("chain %d, step %d: %x in %s", chain, i, b.number, b.range)
            .isTrue();
      }
    }
  }

  private Known fresh() {
    long number =
        switch (random.nextInt(5)) {
          case 0 -> random.nextLong();
          case 1 -> random.nextInt();
          case 2 -> random.nextInt(64);
          case 3 -> 1L << random.nextInt(64);
          default -> (random.nextLong() & 0xffffffffL) + random.nextInt(-2, 3);
        };
    boolean constant = random.nextInt(3) == 0;
    return new Known(number, constant ? ScalarRange.constant(number) : ScalarRange.UNKNOWN);
  }

  private Known combined(Known a, Known b) {
    int operation = Operations.ARITHMETIC[random.nextInt(Operations.ARITHMETIC.length)];
    boolean is32 = random.nextBoolean();
    long result = is32 ? run32(operation, a.number, b.number) : run(operation, a.number, b.number);
    return new Known(result, ScalarArithmetic.apply(operation, is32, a.range, b.range));
  }

  private static long run(int operation, long a, long b) {
    return switch (operation) {
      case Opcode.ADD -> a + b;
      case Opcode.SUB -> a - b;
      case Opcode.MUL -> a * b;
      case Opcode.DIV -> b == 0 ? 0 : Long.divideUnsigned(a, b);
      case Opcode.OR -> a | b;
      case Opcode.AND -> a & b;
      case Opcode.LSH -> a << b;
      case Opcode.RSH -> a >>> b;
      case Opcode.MOD -> b == 0 ? a : Long.remainderUnsigned(a, b);
      case Opcode.XOR -> a ^ b;
      default -> a >> b;
    };
  }

  private static long run32(int operation, long x, long y) {
    int a = (int) x;
    int b = (int) y;
    int result =
        switch (operation) {
          case Opcode.DIV -> b == 0 ? 0 : Integer.divideUnsigned(a, b);
          case Opcode.MOD -> b == 0 ? a : Integer.remainderUnsigned(a, b);
          case Opcode.LSH -> a << b;
          case Opcode.RSH -> a >>> b;
          case Opcode.ARSH -> a >> b;
          default -> (int) run(operation, a, b);
        };
    return result & 0xffffffffL;
  }

  private Known cast(Known a) {
    int width = 8 << random.nextInt(3);
    int shift = 64 - width;
    return switch (random.nextInt(3)) {
      case 0 -> new Known(a.number << shift >> shift, a.range.signExtended(width));
      case 1 -> new Known(a.number << shift >>> shift, a.range.truncated(width / 8));
      default -> new Known(a.number & 0xffffffffL, a.range.zeroExtended32());
    };
  }

  private Known[] compared(Known a, Known b) {
    int operation = Operations.COMPARISONS[random.nextInt(Operations.COMPARISONS.length)];
    boolean is32 = random.nextBoolean();
    boolean holds =
        is32
            ? holds(operation, (int) a.number, (int) b.number, 0xffffffffL)
            : holds(operation, a.number, b.number, -1L);
    BranchDecision decision = BranchDecision.of(operation, is32, a.range, b.range);
    assertThat(decision).isNotEqualTo(holds ? BranchDecision.NEVER : BranchDecision.ALWAYS);
    BranchRefinement refined = BranchRefinement.of(operation, holds, is32, a.range, b.range);
    assertThat(refined.isPossible()).isTrue();
    return new Known[] {new Known(a.number, refined.left()), new Known(b.number, refined.right())};
  }

  private static boolean holds(int operation, long a, long b, long mask) {
    int unsigned = Long.compareUnsigned(a & mask, b & mask);
    return switch (operation) {
      case Opcode.JEQ -> a == b;
      case Opcode.JNE -> a != b;
      case Opcode.JGT -> unsigned > 0;
      case Opcode.JGE -> unsigned >= 0;
      case Opcode.JLT -> unsigned < 0;
      case Opcode.JLE -> unsigned <= 0;
      case Opcode.JSET -> (a & b & mask) != 0;
      case Opcode.JSGT -> a > b;
      case Opcode.JSGE -> a >= b;
      case Opcode.JSLT -> a < b;
      default -> a <= b;
    };
  }
}
