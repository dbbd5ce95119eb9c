package org.xdp4j.bpf.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.RawProgram;

class ConformanceTest {
  static Stream<ConformanceCase> cases() throws IOException {
    return ConformanceCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void interpreterKeepsTheRule(ConformanceCase data) throws Exception {
    check(data, true);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void compiledCodeKeepsTheRule(ConformanceCase data) throws Exception {
    check(data, false);
  }

  private static void check(ConformanceCase data, boolean interpret) throws Exception {
    if (data.error() != null) {
      assertThatThrownBy(() -> RawProgram.run(data.program(), data.memory().clone(), interpret))
          .as(data.rule())
          .isInstanceOf(RawProgram.FailureException.class)
          .hasMessage(data.error());
      return;
    }
    long r0 = RawProgram.run(data.program(), data.memory().clone(), interpret);
    assertThat(Long.toHexString(r0)).as(data.rule()).isEqualTo(Long.toHexString(data.result()));
  }
}
