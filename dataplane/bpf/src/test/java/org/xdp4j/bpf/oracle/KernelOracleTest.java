package org.xdp4j.bpf.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

class KernelOracleTest {
  private static final Instruction EXIT = new Instruction(0x95, 0, 0, 0, 0);

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @Test
  void runsWhatTheKernelAccepts() {
    List<Instruction> pass = List.of(new Instruction(0xb7, 0, 0, 0, 2), EXIT);
    KernelOracle.Verdict verdict = KernelOracle.load(pass, KernelOracle.LOG_FULL);
    try (KernelProgram program = verdict.program()) {
      KernelProgram.Run run = program.run(new byte[64]);
      assertThat(run.returnCode()).isEqualTo(2);
      assertThat(run.data()).hasSize(64);
    }
  }

  @Test
  void saysWhyTheKernelRefuses() {
    KernelOracle.Verdict verdict = KernelOracle.load(List.of(EXIT), KernelOracle.LOG_FULL);
    assertThat(verdict.accepted()).isFalse();
    assertThat(verdict.reason()).contains("R0 !read_ok");
  }

  @Test
  void keepsAndListsMapEntries() {
    try (KernelMap map = KernelMap.create(MapSpec.of("m", MapType.HASH, 4, 8, 4, 0))) {
      assertThat(map.update(new byte[] {1, 0, 0, 0}, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0))
          .isZero();
      assertThat(map.lookup(new byte[] {1, 0, 0, 0})).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(map.keys()).containsExactly(new byte[] {1, 0, 0, 0});
      assertThat(map.delete(new byte[] {2, 0, 0, 0})).isEqualTo(-2);
    }
  }
}
