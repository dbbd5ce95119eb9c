package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelOracle;

/** Counts how the kernel and we decide, and knows why the two may differ. */
final class Disagreements {
  /** bpf_get_smp_processor_id. */
  private static final int SMP_PROCESSOR_ID = 8;

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
              "an argument of bpf_rdonly_cast, is the number -?\\d+, no id of a type",
              "bpf_rdonly_cast takes ids of the kernel's own types, which each build numbers anew"),
          Known.byKernel(
              "kfunc bpf_rdonly_cast type ID argument must be of a struct or void",
              "bpf_rdonly_cast takes ids of the kernel's own types, which each build numbers anew"),
          Known.byKernel(
              "verifier bug: backtracking misuse",
              "bpf_loop counts by a pointer, any number being good: Linux asks where a number came"
                  + " from to be exact about it, and finds none (EFAULT)"),
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

  /** Programs that were looked into one by one: what differs is no sentence to know it by. */
  private static final Map<String, String> LOOKED_INTO =
      Map.of(
          "program 90012523",
          "only we accept: a number of which bit 15 is known to be set is below 0 when that bit is"
              + " its sign: Linux forgets the bits of a number in a (s16) move");

  private static final String CPUS =
      "only Linux accepts: it knows how many CPUs this machine has, and here there may be more";

  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> unexplained = new ArrayList<>();
  private int accepted;
  private int refused;
  private int sameProcessed;
  private long processedHere;
  private long processedByKernel;

  /** Counts one program; {@code reason} is why we refuse it, null when we do not. */
  void add(
      String name,
      BpfProgram program,
      List<MapSpec> maps,
      String reason,
      int processed,
      KernelOracle.Verdict verdict) {
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
    if (LOOKED_INTO.containsKey(name)) {
      counts.merge(LOOKED_INTO.get(name), 1, Integer::sum);
      return;
    }
    if (verdict.accepted() && isGoodOnThisMachine(program, maps)) {
      counts.merge(CPUS, 1, Integer::sum);
      return;
    }
    unexplained.add(
        name
            + (reason == null ? ": only we accept; Linux: " + log : ": only we refuse: " + reason));
  }

  /** Whether we accept it for each CPU that it may ask for its number. */
  private static boolean isGoodOnThisMachine(BpfProgram program, List<MapSpec> maps) {
    if (program.instructions().stream().noneMatch(Disagreements::asksForCpu)) {
      return false;
    }
    for (int cpu = 0; cpu < KernelOracle.possibleCpus(); cpu++) {
      Instruction number = new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, cpu);
      List<Instruction> there =
          program.instructions().stream().map(i -> asksForCpu(i) ? number : i).toList();
      BpfProgram on =
          new BpfProgram(
              program.name(),
              program.section(),
              program.type(),
              program.frags(),
              there,
              program.subprograms(),
              program.lines(),
              program.gplCompatible(),
              program.problem(),
              program.btf());
      try {
        Verifier.verify(on, maps);
      } catch (VerifierException e) {
        return false;
      }
    }
    return true;
  }

  private static boolean asksForCpu(Instruction instruction) {
    return instruction.isHelperCall() && instruction.imm() == SMP_PROCESSOR_ID;
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
