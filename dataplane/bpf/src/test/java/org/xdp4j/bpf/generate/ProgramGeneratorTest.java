package org.xdp4j.bpf.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

class ProgramGeneratorTest {
  private static final int PROGRAMS = 1000;

  @Test
  void givesTheSameProgramForTheSameSeed() {
    assertThat(ProgramGenerator.generate(7).instructions())
        .isEqualTo(ProgramGenerator.generate(7).instructions())
        .isNotEqualTo(ProgramGenerator.generate(8).instructions());
  }

  @Test
  void writesProgramsOfWhichTheKernelAcceptsMost() {
    KernelOracle.assumeAvailable();
    List<KernelMap> maps = ProgramGenerator.MAPS.stream().map(KernelMap::create).toList();
    TreeMap<String, Integer> refusals = new TreeMap<>();
    int accepted = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      KernelOracle.Verdict verdict =
          KernelOracle.load(ProgramGenerator.generate(seed).program(), maps, KernelOracle.LOG_FULL);
      if (verdict.accepted()) {
        accepted++;
        verdict.program().close();
      } else {
        refusals.merge(verdict.reason().replaceAll("[0-9]+", "N"), 1, Integer::sum);
      }
    }
    maps.forEach(KernelMap::close);
    assertThat(accepted).as("accepted of %d; refusals: %s", PROGRAMS, refusals).isGreaterThan(900);
  }
}
