package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitsTest {
  @Test
  void countsAreGroupedByThousands() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long number = random.nextLong() >> random.nextInt(64);
      assertThat(Units.count(number)).isEqualTo(String.format(Locale.ROOT, "%,d", number));
    }
    assertThat(Units.count(Long.MIN_VALUE)).isEqualTo("-9,223,372,036,854,775,808");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0.0000", "0.01234|0.0123", "0.1|0.10", "1|1.00", "1.239|1.24", "9.999|10.00",
        "10|10.0", "99.96|100.0", "100|100", "1234.5|1,235", "-0.00001|0.0000", "-12.34|-12.3"
      })
  void figuresHaveThreeDigitsOrMore(double number, String text) {
    assertThat(Units.figure(number)).isEqualTo(text);
  }

  @Test
  void sharesArePercentOfTheWhole() {
    assertThat(Units.share(1, 3)).isEqualTo("33.3 %");
    assertThat(Units.share(2, 2)).isEqualTo("100.0 %");
    assertThat(Units.share(0, 0)).isEqualTo("-");
  }
}
