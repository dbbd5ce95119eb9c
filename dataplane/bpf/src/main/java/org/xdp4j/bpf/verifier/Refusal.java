package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.object.LineInfo;

/**
 * Why a program was refused, as data.
 *
 * @param cause the class of mistake
 * @param reason what is wrong, with the register, the bound it had and the one it needed; without
 *     the place
 * @param instruction index of the failing instruction, -1 when it is the program as a whole
 * @param text that instruction as {@code llvm-objdump} prints it, or null
 * @param function the function it stands in, or null
 * @param line its source line, or null
 * @param values the registers it reads, the one at fault first
 * @param path what led there, in order; empty when it is not about a path
 * @param advice what would make it pass, or null
 * @param decisions conditional jumps along the path, in order, each as {@code instruction * 2 +
 *     (jumped ? 1 : 0)}; only the first {@link #MOST_DECISIONS}
 * @param processed instructions followed until then
 */
public record Refusal(
    Cause cause,
    String reason,
    int instruction,
    String text,
    String function,
    LineInfo line,
    List<Value> values,
    List<PathStep> path,
    String advice,
    List<Integer> decisions,
    int processed) {

  /** The most {@link #decisions} kept. */
  public static final int MOST_DECISIONS = 10_000;

  /**
   * A register and what is known of it.
   *
   * @param register 0 to 10
   * @param description in words: {@code a packet pointer at offset 14; 14 bytes of the packet are
   *     proven}
   */
  public record Value(int register, String description) {}

  /** A refusal of the program as a whole, before any path was followed. */
  static Refusal whole(Cause cause, String reason, int processed) {
    return new Refusal(
        cause,
        reason,
        -1,
        null,
        null,
        null,
        List.of(),
        List.of(),
        Advice.of(cause),
        List.of(),
        processed);
  }

  /** All in one sentence: instruction, reason, source line. */
  public String sentence() {
    if (instruction < 0) {
      return reason;
    }
    StringBuilder sentence = new StringBuilder("instruction ").append(instruction);
    sentence.append(" `").append(text).append("`: ").append(reason);
    if (line != null) {
      sentence.append("; ").append(line.location());
      if (line.text() != null && !line.text().isEmpty()) {
        sentence.append(": `").append(line.text()).append('`');
      }
    }
    return sentence.toString();
  }
}
