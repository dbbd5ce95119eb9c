package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of the verifier, as a program that keeps or breaks it. */
class VerifierRulesTest {
  static Stream<Rule> rules() throws IOException {
    return Rule.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void decidesAndExplainsAsTheRuleSays(Rule rule) throws VerifierException {
    if (rule.accepts()) {
      assertThat(Verifier.verify(rule.program(), rule.maps()).processed()).isPositive();
    } else {
      assertThatThrownBy(() -> Verifier.verify(rule.program(), rule.maps()))
          .isInstanceOf(VerifierException.class)
          .hasMessageContaining(rule.message());
    }
  }
}
