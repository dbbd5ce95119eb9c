package org.xdp4j.daemon.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class OutletTest {
  private final Outlet outlet = new Outlet(() -> {});

  private void offer(String text) {
    assertThat(outlet.offer(text.getBytes(StandardCharsets.UTF_8))).isTrue();
  }

  private String poll() {
    byte[] next = outlet.poll();
    return next == null ? null : new String(next, StandardCharsets.UTF_8);
  }

  /** A capture's file begins with its header, whatever was lost before the first frame. */
  @Test
  void aLossIsToldBehindWhatCameBeforeIt() {
    outlet.noteLossesBy(count -> (count + " lost").getBytes(StandardCharsets.UTF_8));
    offer("header");
    outlet.lose(3);
    assertThat(poll()).isEqualTo("header");
    assertThat(poll()).isEqualTo("3 lost");
    offer("one");
    offer("two");
    outlet.lose(1);
    assertThat(poll()).isEqualTo("one");
    offer("three");
    outlet.lose(1);
    assertThat(poll()).isEqualTo("two");
    assertThat(poll()).isEqualTo("1 lost");
    outlet.end();
    assertThat(poll()).isEqualTo("three");
    assertThat(outlet.isOver()).isFalse();
    assertThat(poll()).isEqualTo("1 lost");
    assertThat(outlet.isOver()).isTrue();
    assertThat(poll()).isNull();
  }
}
