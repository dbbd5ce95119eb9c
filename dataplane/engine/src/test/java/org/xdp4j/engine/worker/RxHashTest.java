package org.xdp4j.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;

class RxHashTest {
  private static final String MACS = "020000000001" + "020000000002";
  private static final String IPV4 = "0800" + "45000028000100004006000" + "00a0000010a000002";
  private static final String PORTS = "1f900050" + "0000000000000000" + "50000000" + "00000000";

  private static long hash(String hex) {
    byte[] frame = HexFormat.of().parseHex(hex);
    try (Region region = Region.reserve(1 << 16)) {
      long at = region.allocate(frame.length, 8);
      MemorySegment.copy(frame, 0, region.segment(), Region.BYTE, at, frame.length);
      return new RxHash().hash(region, at, at + frame.length);
    }
  }

  @Test
  void saysWhatTheHashWasTakenOver() {
    String tcp = MACS + IPV4 + PORTS;
    assertThat(hash(tcp) >>> 32).isEqualTo(1 | 1 << 3 | 1 << 4);
    String udp = tcp.replace("4006000", "4011000");
    assertThat(hash(udp) >>> 32).isEqualTo(1 | 1 << 3 | 1 << 5);
    assertThat(hash(MACS + "88cc" + "00".repeat(46)) >>> 32).isZero();
    assertThat(hash(MACS + "0800")).isEqualTo(hash(MACS + "0800") & 0xffffffffL);
  }

  @Test
  void framesOfOneFlowHaveOneHash() {
    String one = MACS + IPV4 + PORTS;
    String other = one.replace("1f900050", "1f910050");
    assertThat(hash(one)).isEqualTo(hash(one)).isNotEqualTo(hash(other));
  }
}
