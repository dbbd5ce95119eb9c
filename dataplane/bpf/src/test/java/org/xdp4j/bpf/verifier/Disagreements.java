package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.oracle.KernelOracle;

/** Counts how the kernel and we decide, and knows why the two may differ. */
final class Disagreements {
  private static final Pattern PROCESSED = Pattern.compile("processed (\\d+) insns");

  /**
   * A way to differ that is understood.
   *
   * @param kernelAccepts who accepts
   * @param reason what the one that refuses says
   * @param why it is so, and stays so
   */
  private record Known(boolean kernelAccepts, Pattern reason, String why) {
    static Known here(String reason, String why) {
      return new Known(true, Pattern.compile(reason), why);
    }

    static Known byKernel(String reason, String why) {
      return new Known(false, Pattern.compile(reason), why);
    }
  }

  private static final List<Known> CLASSES =
      List.of(
          Known.here(
              "reserved field|a byte swap of|unknown atomic|an atomic operation on"
                  + "|a move that sign-extends",
              "a malformed instruction where no path leads: Linux never looks there"),
          Known.here(
              "a map is accessed with helpers",
              "Linux shows programs its own struct bpf_map; there is none here"),
          Known.here(
              "the program is too complex|more than 8192 paths",
              "at the limit of followed instructions: the two do not prune quite alike"),
          Known.byKernel(
              "BPF program is too large|The sequence of .* jumps is too complex",
              "at the limit of followed instructions: the two do not prune quite alike"),
          Known.byKernel(
              "BPF_ATOMIC stores into R\\d arena is not allowed",
              "in an arena Linux compiles no and, or, xor that fetch for x86, but for others"),
          Known.byKernel(
              "verifier bug: No program to jit at insn",
              "a callback that no path calls (of bpf_loop 0 times, say): Linux removes it as dead"
                  + " code, and misses it where its address is loaded (EFAULT)"),
          Known.byKernel(
              "verifier bug: scc exit: no visit info",
              "bpf_throw in a loop: Linux takes it that no path ends within one (EFAULT)"));

  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> unexplained = new ArrayList<>();
  private int accepted;
  private int refused;
  private int sameProcessed;
  private long processedHere;
  private long processedByKernel;

  /** Counts one program; {@code reason} is why we refuse it, null when we do not. */
  void add(String name, String reason, int processed, KernelOracle.Verdict verdict) {
    if (verdict.accepted() == (reason == null)) {
      if (reason != null) {
        refused++;
      } else {
        accepted++;
        compareProcessed(processed, verdict.log());
      }
      return;
    }
    String log = verdict.reason();
    for (Known known : CLASSES) {
      if (known.kernelAccepts == verdict.accepted()
          && known.reason.matcher(reason == null ? log : reason).find()) {
        String who = verdict.accepted() ? "only Linux accepts: " : "only we accept: ";
        counts.merge(who + known.why, 1, Integer::sum);
        return;
      }
    }
    unexplained.add(
        name
            + (reason == null ? ": only we accept; Linux: " + log : ": only we refuse: " + reason));
  }

  private void compareProcessed(int here, String log) {
    Matcher m = PROCESSED.matcher(log);
    if (m.find()) {
      int there = Integer.parseInt(m.group(1));
      processedHere += here;
      processedByKernel += there;
      sameProcessed += here == there ? 1 : 0;
    }
  }

  List<String> unexplained() {
    return unexplained;
  }

  long processedHere() {
    return processedHere;
  }

  long processedByKernel() {
    return processedByKernel;
  }

  @Override
  public String toString() {
    return ("%d accepted and %d refused by both; %d processed alike, %d instructions here, %d in"
            + " Linux; %d not explained; %s")
        .formatted(
            accepted,
            refused,
            sameProcessed,
            processedHere,
            processedByKernel,
            unexplained.size(),
            counts);
  }
}
