package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.generate.WorldMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

/**
 * The running kernel decides as we do on programs nobody wrote: generated ones and mutations of
 * them and of the filters. Where it does not, the disagreement must be of a known class (see {@link
 * Disagreements}). {@code -Dxdp4j.verdicts.programs=N} asks for a longer campaign, {@code
 * -Dxdp4j.verdicts.seed=S} for other programs.
 */
class VerdictAgreementTest {
  private static final int PROGRAMS = Integer.getInteger("xdp4j.verdicts.programs", 3_000);
  private static final long SEED = Long.getLong("xdp4j.verdicts.seed", 0);

  private final Disagreements disagreements = new Disagreements();

  @BeforeAll
  static void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @Test
  void linuxDecidesGeneratedProgramsAsWeDo() {
    List<KernelMap> maps = WorldMaps.ALL.stream().map(KernelMap::create).toList();
    for (long i = 0; i < PROGRAMS; i++) {
      BpfProgram program = WildPrograms.program(SEED + i);
      compare("program " + (SEED + i), program, WorldMaps.ALL, maps, WildPrograms.btf(program));
    }
    maps.forEach(KernelMap::close);
    System.out.println("verdicts on generated programs: " + disagreements);
    assertThat(disagreements.unexplained()).isEmpty();
    assertThat(disagreements.processedHere())
        .as("instructions processed")
        .isCloseTo(disagreements.processedByKernel(), Percentage.withPercentage(10));
  }

  @Test
  void linuxDecidesMutatedFiltersAsWeDo() throws IOException, ObjectException {
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("xdp4j.root"), "filters"))) {
      files = all.filter(f -> f.toString().endsWith(".bpf.o")).sorted().toList();
    }
    for (Path file : files) {
      BpfObject object = ObjectReader.read(file);
      for (BpfProgram program : object.programs()) {
        if (program.type() == ProgramType.XDP) {
          List<MapSpec> maps = object.maps().stream().map(VerdictAgreementTest::sized).toList();
          mutate(file.getFileName() + " " + program.name(), bare(program), maps);
        }
      }
    }
    System.out.println("verdicts on mutated filters: " + disagreements);
    assertThat(disagreements.unexplained()).isEmpty();
  }

  private void mutate(String name, BpfProgram program, List<MapSpec> specs) {
    List<KernelMap> maps = KernelOracle.createMaps(program, specs);
    Mutation mutation = new Mutation(new Random(name.hashCode() + SEED));
    for (int i = 0; i < PROGRAMS / 60; i++) {
      compare(name + ", mutation " + i, mutation.apply(program), specs, maps, null);
    }
    maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
  }

  /** A map with as many entries as libbpf gives it where the object does not say. */
  private static MapSpec sized(MapSpec map) {
    return map.type() == MapType.PERF_EVENT_ARRAY && map.maxEntries() == 0
        ? map.withMaxEntries(KernelOracle.possibleCpus())
        : map;
  }

  /** The program without types, as both sides are given it. */
  private static BpfProgram bare(BpfProgram program) {
    Subprogram whole = new Subprogram("main", 0, program.instructions().size(), false, 0);
    return new BpfProgram(
        program.name(),
        program.section(),
        program.type(),
        program.frags(),
        new ArrayList<>(program.instructions()),
        List.of(whole),
        List.of(),
        program.gplCompatible(),
        null);
  }

  private void compare(
      String name, BpfProgram program, List<MapSpec> specs, List<KernelMap> maps, byte[] btf) {
    String reason = null;
    int processed = 0;
    try {
      processed = Verifier.verify(program, specs).processed();
    } catch (VerifierException e) {
      reason = e.getMessage();
    }
    int level = reason == null ? KernelOracle.LOG_STATISTICS : KernelOracle.LOG_NONE;
    KernelOracle.Verdict verdict = KernelOracle.load(program, maps, level, btf);
    if (verdict.accepted()) {
      verdict.program().close();
    } else if (reason == null) {
      verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL, btf);
    }
    disagreements.add(name, program, specs, reason, processed, verdict);
  }
}
