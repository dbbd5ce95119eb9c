package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters beside tcpdump, which runs the same expressions over the same captures. */
class PacketFilterTest {
  private static final Path CAPTURES = Path.of("../../pcaps");

  @BeforeEach
  void needsLibpcap() {
    Assumptions.assumeTrue(FilterCompiler.isAvailable(), "libpcap is not installed");
  }

  private static int count(Path file, PacketFilter filter) throws IOException {
    int count = 0;
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next()) {
        boolean fits = filter.matches(reader.memory(), reader.data(), reader.capturedLength());
        count += fits ? 1 : 0;
      }
    }
    return count;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "udp port 53",
        "tcp",
        "icmp or icmp6",
        "arp",
        "ip6 and not udp",
        "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
        "ip[8] > 32 and greater 100",
        "vlan",
        "net 10.0.0.0/8",
        "portrange 1-1023",
        "ether[0] & 1 = 1",
        "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
        "less 60 or len >= 1000"
      })
  void itFitsWhatTcpdumpShows(String expression) throws Exception {
    Tool tcpdump = Tool.named("tcpdump");
    PacketFilter filter = FilterCompiler.compile(expression);
    for (String name :
        new String[] {"dns.pcap", "http.pcap", "icmp.pcap", "vlan.pcap", "arp.pcap"}) {
      Path file = CAPTURES.resolve(name);
      int shown = tcpdump.run("-nn", "-tt", "-q", "-r", file.toString(), expression).size();
      assertThat(count(file, filter)).as(name).isEqualTo(shown);
    }
  }

  @Test
  void whatIsNoExpressionIsRefusedInASentence() {
    assertThatThrownBy(() -> FilterCompiler.compile("no such thing"))
        .isInstanceOf(FilterException.class)
        .hasMessageStartingWith("'no such thing': ");
  }

  @Test
  void theEmptyExpressionFitsEverything() throws Exception {
    assertThat(FilterCompiler.compile(" ").matches(MemorySegment.ofArray(new byte[1]), 0, 1))
        .isTrue();
  }

  /** Whatever the instructions are, a filter ends and reads nothing but the frame. */
  @Test
  void randomInstructionsAreRefusedOrHarmless() {
    SplittableRandom random = new SplittableRandom(5);
    MemorySegment frame = MemorySegment.ofArray(new byte[64]);
    int ran = 0;
    for (int i = 0; i < 50_000; i++) {
      int length = 1 + random.nextInt(8);
      int[] codes = new int[length];
      int[] yes = new int[length];
      int[] no = new int[length];
      int[] constants = new int[length];
      for (int n = 0; n < length; n++) {
        codes[n] = n == length - 1 ? 6 : random.nextInt(256);
        yes[n] = random.nextInt(3);
        no[n] = random.nextInt(3);
        constants[n] = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(70);
      }
      PacketFilter filter;
      try {
        filter = new PacketFilter("random", codes, yes, no, constants);
      } catch (IllegalArgumentException refused) {
        continue;
      }
      filter.matches(frame, 10, 50);
      ran++;
    }
    assertThat(ran).isGreaterThan(5_000);
  }
}
