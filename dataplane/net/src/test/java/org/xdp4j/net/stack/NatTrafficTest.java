package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What {@link NatTraffic} says of generated packets of all kinds. */
class NatTrafficTest {
  @Test
  void everyPacketThatLeavesObeysTheLaws() {
    NatTraffic traffic = new NatTraffic(1);
    traffic.run();
    assertThat(traffic.translated).isGreaterThan(NatTraffic.PACKETS / 3);
    assertThat(traffic.errors).isGreaterThan(NatTraffic.PACKETS / 100);
    assertThat(traffic.fragments).isGreaterThan(NatTraffic.PACKETS / 30);
  }

  @Test
  void theSameSeedsSendTheSamePackets() {
    long[] fingerprints = new long[3];
    for (int i = 0; i < 3; i++) {
      NatTraffic traffic = new NatTraffic(i == 2 ? 8 : 7);
      traffic.run();
      fingerprints[i] = traffic.fingerprint;
    }
    assertThat(fingerprints[1]).isEqualTo(fingerprints[0]);
    assertThat(fingerprints[2]).isNotEqualTo(fingerprints[0]);
  }
}
