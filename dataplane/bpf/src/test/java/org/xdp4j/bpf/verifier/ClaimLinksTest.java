package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What the soundness tests take for a contradiction between linked numbers. */
class ClaimLinksTest {
  private static final long LOW = 0xffff_ffffL;
  private static final long HIGH = 1L << 32;
  private static final RegisterState NUMBER = RegisterState.scalar(ScalarRange.UNKNOWN);
  private static final RegisterState BASE = NUMBER.withLink(1);

  private static RegisterState sum64(int by) {
    return NUMBER.withSum(1, false, by);
  }

  private static RegisterState sum32(int by) {
    return NUMBER.withSum(1, true, by);
  }

  /** Whether the values contradict, in either order. */
  private static boolean contradict(RegisterState a, long first, RegisterState b, long second) {
    boolean forwards = contradicts(a, first, b, second);
    assertThat(contradicts(b, second, a, first)).isEqualTo(forwards);
    return forwards;
  }

  private static boolean contradicts(RegisterState a, long first, RegisterState b, long second) {
    ClaimLinks links = new ClaimLinks();
    assertThat(links.add(a, first)).isNull();
    return links.add(b, second) != null;
  }

  @Test
  void numbersOfOneIdAreEqual() {
    assertThat(contradict(BASE, 5, BASE, 5)).isFalse();
    assertThat(contradict(BASE, 5, BASE, 5 + HIGH)).isTrue();
    assertThat(contradict(BASE, 5, NUMBER.withLink(2), 6)).isFalse();
  }

  @Test
  void aSumExceedsItsNumber() {
    assertThat(contradict(BASE, LOW, sum64(4), LOW + 4)).isFalse();
    assertThat(contradict(BASE, LOW, sum64(4), 3)).isTrue();
    assertThat(contradict(sum64(4), 3, sum64(-4), -5)).isFalse();
    assertThat(contradict(sum64(4), 3, sum64(-4), 5)).isTrue();
  }

  @Test
  void aSumOf32BitsWraps() {
    assertThat(contradict(BASE, LOW, sum32(4), 3)).isFalse();
    assertThat(contradict(BASE, LOW, sum32(4), LOW + 4)).isTrue();
    assertThat(contradict(BASE, LOW, sum32(4), 4)).isTrue();
    assertThat(contradict(BASE, HIGH + 1, sum32(4), 5)).isTrue();
    assertThat(contradict(BASE, 1, sum32(4), HIGH + 5)).isTrue();
    assertThat(contradict(BASE, 1, sum32(-4), LOW - 2)).isFalse();
    assertThat(contradict(BASE, 1, sum32(-4), -3)).isTrue();
  }

  @Test
  void sumsOf32BitsHaveNoUpperHalves() {
    assertThat(contradict(sum32(4), 3, sum32(-4), LOW - 4)).isFalse();
    assertThat(contradict(sum32(4), 3, sum32(-4), LOW - 3)).isTrue();
    assertThat(contradict(sum32(4), 3, sum32(-4), -5)).isTrue();
    assertThat(contradict(sum32(4), 3 + HIGH, sum32(-4), LOW - 4 + HIGH)).isTrue();
  }

  @Test
  void sumsOfBothWidthsHaveTheSameNumber() {
    assertThat(contradict(sum64(4), HIGH + 3, sum32(4), 3)).isFalse();
    assertThat(contradict(sum64(4), 3, sum32(4), 3)).isTrue();
    assertThat(contradict(sum64(4), HIGH + 4, sum32(4), 4)).isTrue();
  }
}
