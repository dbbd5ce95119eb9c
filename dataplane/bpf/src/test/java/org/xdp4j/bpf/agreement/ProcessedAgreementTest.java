package org.xdp4j.bpf.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * Paths meet here where they meet in the kernel: both follow about as many instructions, so that a
 * program within the kernel's limit is within ours.
 */
class ProcessedAgreementTest {
  private static final int PROGRAMS = 300;
  private static final Pattern PROCESSED = Pattern.compile("processed (\\d+) insns");

  private long here;
  private long there;
  private double worst;

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @Test
  void aboutAsManyInstructionsAreFollowedAsInTheKernel() throws VerifierException {
    for (int seed = 0; seed < PROGRAMS; seed++) {
      compare(ProgramGenerator.generate(seed));
    }
    System.out.printf(
        "instructions followed: %d here, %d in the kernel; %.2f times as many at the worst%n",
        here, there, worst);
    assertThat((double) here / there).isLessThan(1.02);
    assertThat(worst).isLessThan(2);
  }

  private void compare(GeneratedProgram generated) throws VerifierException {
    List<KernelMap> maps = KernelOracle.createMaps(generated.program(), generated.maps());
    try {
      KernelOracle.Verdict verdict =
          KernelOracle.load(generated.program(), maps, KernelOracle.LOG_STATISTICS);
      Matcher processed = PROCESSED.matcher(verdict.log());
      if (!verdict.accepted() || !processed.find()) {
        return;
      }
      verdict.program().close();
      int theirs = Integer.parseInt(processed.group(1));
      int ours = Verifier.verify(generated.program(), generated.maps()).processed();
      here += ours;
      there += theirs;
      worst = Math.max(worst, (double) ours / theirs);
    } finally {
      maps.stream().filter(map -> map != null).forEach(KernelMap::close);
    }
  }
}
