package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

/** The log of all steps, held against the kernel's of the same programs. */
class VerifierLogTest {
  /** Log level 2, every instruction with its state, from the beginning (BPF_LOG_FIXED). */
  private static final int LEVEL_2 = 2 | 8;

  private static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));

  @Test
  void everyStepIsWrittenInTheKernelsManner() {
    BpfProgram program =
        BpfProgram.of(
            Assembler.assemble(
                """
                r2 = *(u32 *)(r1 + 4)
                r1 = *(u32 *)(r1 + 0)
                r0 = 1
                r3 = r1
                r3 += 1
                if r3 > r2 goto +1
                r0 = *(u8 *)(r1 + 0)
                exit
                """));
    assertThat(log(program, List.of()))
        .isEqualTo(
            """
            0: R1=ctx() R10=fp0
            0: (61) r2 = *(u32 *)(r1 +4)          ; R1=ctx() R2=pkt_end()
            1: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)
            2: (b7) r0 = 1                        ; R0=1
            3: (bf) r3 = r1                       ; R1=pkt(r=0) R3=pkt(r=0)
            4: (07) r3 += 1                       ; R3=pkt(off=1,r=0)
            5: (2d) if r3 > r2 goto pc+1          ; R2=pkt_end() R3=pkt(off=1,r=1)
            6: (71) r0 = *(u8 *)(r1 +0)           ;\
             R0=scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff)) R1=pkt(r=1)
            7: (95) exit

            from 5 to 7: R0=1 R1=pkt(r=0) R2=pkt_end() R3=pkt(off=1,r=0xfffffffffffffffe) R10=fp0
            7: R0=1 R1=pkt(r=0) R2=pkt_end() R3=pkt(off=1,r=0xfffffffffffffffe) R10=fp0
            7: (95) exit
            stack depth 0
            processed 9 insns (limit 1000000) max_states_per_insn 1 total_states 1 peak_states 1\
             mark_read 0
            """);
  }

  @Test
  void theLogOfARefusalEndsWithItsReason() {
    BpfProgram program = BpfProgram.of(Assembler.assemble("r0 = *(u8 *)(r2 + 0)\nexit\n"));
    assertThat(log(program, List.of()))
        .endsWith(
            """
            0: (71) r0 = *(u8 *)(r2 +0)
            r2 is read, but nothing was written to it
            processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0\
             mark_read 0
            """);
  }

  @Test
  void explainingAndLoggingChangesNoVerdict() throws Exception {
    for (Rule rule : Rule.all().toList()) {
      String reason = null;
      try {
        Verifier.verify(rule.program(), rule.maps());
      } catch (VerifierException e) {
        reason = e.getMessage();
      }
      Appendable nowhere = new StringWriter();
      boolean isLong = rule.name().contains("too-long") || rule.name().contains("unknown-bound");
      Explanation said =
          isLong
              ? Verifier.explain(rule.program(), rule.maps())
              : Verifier.explain(rule.program(), rule.maps(), nowhere);
      assertThat(said.accepted()).as(rule.toString()).isEqualTo(reason == null);
      if (reason != null) {
        assertThat(said.refusal().sentence()).isEqualTo(reason);
        assertThat(said.refusal().path().size()).isLessThan(20);
      }
    }
  }

  /** On the first path nothing depends on how paths are ended early: each line must be there. */
  @Test
  void theFirstPathReadsAsInTheKernel() throws Exception {
    KernelOracle.assumeAvailable();
    List<BpfObject> objects = filters();
    int lines = 0;
    int same = 0;
    Set<String> different = new TreeSet<>();
    for (BpfObject object : objects) {
      for (BpfProgram program : object.programs()) {
        List<String> kernel = firstPath(kernelLog(program, object.maps()));
        List<String> ours = firstPath(log(program, object.maps()));
        for (int i = 0; i < kernel.size(); i++) {
          lines++;
          if (i < ours.size() && ours.get(i).equals(kernel.get(i))) {
            same++;
          } else if (different.size() < 20) {
            different.add(kernel.get(i) + "\n  not " + (i < ours.size() ? ours.get(i) : "nothing"));
          }
        }
      }
    }
    System.out.println(
        "verifier log: " + same + " of " + lines + " lines of first paths read as the kernel's");
    assertThat(lines).isGreaterThan(500);
    assertThat(different).isEmpty();
  }

  private static String log(BpfProgram program, List<MapSpec> maps) {
    StringBuilder log = new StringBuilder();
    Verifier.explain(program, maps, log);
    return log.toString();
  }

  private static String kernelLog(BpfProgram program, List<MapSpec> specs) {
    List<MapSpec> sized =
        specs.stream()
            .map(
                s ->
                    s.type() == MapType.PERF_EVENT_ARRAY
                        ? s.withMaxEntries(KernelOracle.possibleCpus())
                        : s)
            .toList();
    List<KernelMap> maps = KernelOracle.createMaps(program, sized);
    try {
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, LEVEL_2);
      if (verdict.accepted()) {
        verdict.program().close();
      }
      return verdict.log();
    } finally {
      maps.forEach(
          map -> {
            if (map != null) {
              map.close();
            }
          });
    }
  }

  /**
   * The instructions of the first path with the registers behind them, but for what differs by
   * nature: ids, addresses, names of maps, and where notes on precision broke a line.
   */
  private static List<String> firstPath(String log) {
    List<String> lines = new ArrayList<>();
    for (String line : log.substring(log.indexOf("0: R1=ctx()")).lines().toList()) {
      if (line.startsWith("from ") || line.endsWith(": safe") || line.contains("callee")) {
        break;
      }
      if (line.matches("\\d+: \\(.*")) {
        lines.add(line);
      } else if (line.matches("\\d+: R.*") && !lines.isEmpty()) {
        lines.set(lines.size() - 1, lines.getLast() + " ;" + line.substring(line.indexOf(' ')));
      }
    }
    return lines.stream().map(VerifierLogTest::plain).collect(Collectors.toList());
  }

  private static String plain(String line) {
    return line.replaceAll(" *;", " ;")
        .replaceAll("id=\\d+([+-]\\d+)?,?", "")
        .replaceAll("\\(18\\) (r\\d) = \\S+", "(18) $1 = ...")
        .replaceAll("map=[^,]*,", "")
        .replaceAll("refs=[0-9,]+", "refs")
        .replaceAll("=P", "=")
        .replaceAll(" ;$", "");
  }

  private static List<BpfObject> filters() throws Exception {
    try (Stream<Path> files = Files.list(ROOT.resolve("filters"))) {
      List<BpfObject> objects = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".o")).sorted().toList()) {
        objects.add(ObjectReader.read(file));
      }
      return objects;
    }
  }
}
