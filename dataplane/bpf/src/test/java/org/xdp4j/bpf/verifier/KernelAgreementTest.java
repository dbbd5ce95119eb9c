package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelTypes;

/** The running kernel decides each rule's program as the rule says it does. */
class KernelAgreementTest {
  @BeforeAll
  static void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  static Stream<Rule> rules() throws IOException {
    return Rule.all().filter(rule -> rule.program().type() == ProgramType.XDP);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void linuxDecidesAsTheRuleSays(Rule rule) {
    KernelTypes types;
    try {
      types = rule.btf() == null ? null : KernelTypes.load(rule.btf());
    } catch (IllegalStateException refused) {
      // Linux refuses structs as soon as it is given types; we, where a program needs one.
      assertThat(rule.kernelAccepts()).as(refused.getMessage()).isFalse();
      return;
    }
    List<KernelMap> maps = KernelOracle.createMaps(rule.program(), rule.maps(), types);
    try {
      KernelOracle.Verdict verdict =
          KernelOracle.load(rule.program(), maps, KernelOracle.LOG_FULL, types);
      if (verdict.accepted()) {
        verdict.program().close();
      }
      assertThat(verdict.accepted()).as(verdict.reason()).isEqualTo(rule.kernelAccepts());
    } finally {
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
      if (types != null) {
        types.close();
      }
    }
  }
}
