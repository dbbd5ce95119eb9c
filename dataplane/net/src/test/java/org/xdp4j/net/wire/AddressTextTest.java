package org.xdp4j.net.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTextTest {
  /** RFC 5952, section 4. */
  @ParameterizedTest
  @CsvSource({
    "2001:0DB8::0001, 2001:db8::1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "0:0:0:0:0:0:0:0, ::",
    "1::, 1::",
    "::ffff:192.0.2.1, ::ffff:c000:201",
    "192.0.2.255, 192.0.2.255"
  })
  void anAddressIsWrittenInItsCanonicalForm(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "g::",
        "1.2.3",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.4.5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::1%eth0",
        "1.2.3.+4"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IpAddress.parse(text))
        .withMessage("\"" + text + "\" is no IP address");
  }

  @Test
  void whatIsWrittenIsReadBack() throws Exception {
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      long mask = random.nextLong() | random.nextLong() << 16;
      IpAddress address = IpAddress.of(random.nextLong() & mask, random.nextLong() & ~mask);
      assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
      byte[] bytes = InetAddress.getByName("[" + address + "]").getAddress();
      if (bytes.length == 16) {
        assertThat(ByteBuffer.wrap(bytes).getLong()).isEqualTo(address.high());
        assertThat(ByteBuffer.wrap(bytes).getLong(8)).isEqualTo(address.low());
      }
    }
  }

  @Test
  void aPrefixKnowsItsNetwork() {
    IpPrefix prefix = IpPrefix.parse("10.1.2.3/20");
    assertThat(prefix.network()).hasToString("10.1.0.0/20");
    assertThat(IpAddress.of(prefix.broadcast4())).hasToString("10.1.15.255");
    assertThat(prefix.contains(IpAddress.parse("10.1.15.1"))).isTrue();
    assertThat(prefix.contains(IpAddress.parse("10.1.16.1"))).isFalse();
    assertThat(IpPrefix.parse("fe80::1")).hasToString("fe80::1/128");
    assertThat(IpPrefix.parse("2001:db8:ffff::/33").network()).hasToString("2001:db8:8000::/33");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IpPrefix.parse("10.0.0.0/33"))
        .withMessage("a prefix of 10.0.0.0 has 0 to 32 bits, not 33");
  }

  @Test
  void hardwareAddressesAreReadAndWritten() {
    long address = MacAddress.parse("02:0:00:aB:00:ff");
    assertThat(MacAddress.format(address)).isEqualTo("02:00:00:ab:00:ff");
    assertThatIllegalArgumentException().isThrownBy(() -> MacAddress.parse("02:00:00:00:00"));
    // RFC 4291, appendix A.
    assertThat(IpAddress.of(0xfe80L << 48, MacAddress.interfaceIdentifier(address)))
        .hasToString("fe80::ff:feab:ff");
  }
}
