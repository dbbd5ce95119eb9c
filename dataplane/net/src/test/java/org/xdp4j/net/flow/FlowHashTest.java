package org.xdp4j.net.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FlowHashTest {
  private static final int A = 0x0a000001;
  private static final int B = 0xc0a80001;
  private static final int MORE = 0x2000;

  private final FlowHash flows = new FlowHash();

  private int hash(byte[] frame) {
    return flows.hash(MemorySegment.ofArray(frame), 0, frame.length);
  }

  private static byte[] ethernet(int type, byte[] payload, int... tags) {
    ByteBuffer frame = ByteBuffer.allocate(14 + 4 * tags.length + payload.length);
    frame.putShort((short) 0x0200).putInt(1).putShort((short) 0x0200).putInt(2);
    for (int i = 0; i < tags.length; i++) {
      frame
          .putShort((short) (i == 0 && tags.length > 1 ? 0x88a8 : 0x8100))
          .putShort((short) tags[i]);
    }
    return frame.putShort((short) type).put(payload).array();
  }

  private static byte[] ipv4(int protocol, int from, int to, int id, int fragment, byte[] payload) {
    ByteBuffer packet = ByteBuffer.allocate(20 + payload.length);
    packet.put((byte) 0x45).put((byte) 0).putShort((short) (20 + payload.length));
    packet.putShort((short) id).putShort((short) fragment).put((byte) 64).put((byte) protocol);
    return packet.putShort((short) 0).putInt(from).putInt(to).put(payload).array();
  }

  private static byte[] ports(int from, int to) {
    return ByteBuffer.allocate(20).putShort((short) from).putShort((short) to).array();
  }

  private static byte[] udp(int from, int to, int fromPort, int toPort, int... tags) {
    return ethernet(0x0800, ipv4(17, from, to, 0, 0, ports(fromPort, toPort)), tags);
  }

  private static byte[] ipv6(long from, long to, int next, byte[] payload) {
    ByteBuffer packet = ByteBuffer.allocate(40 + payload.length);
    packet.putInt(0x60000000).putShort((short) payload.length).put((byte) next).put((byte) 64);
    packet.putLong(0x20010db800000000L).putLong(from).putLong(0x20010db800000000L).putLong(to);
    return ethernet(0x86dd, packet.put(payload).array());
  }

  private static byte[] extension(int next, byte[] rest) {
    return ByteBuffer.allocate(8 + rest.length).put((byte) next).put(8, rest).array();
  }

  private static byte[] fragment(int next, int offset, boolean more, int id, byte[] rest) {
    ByteBuffer header = ByteBuffer.allocate(8 + rest.length);
    header.put((byte) next).put((byte) 0).putShort((short) (offset | (more ? 1 : 0))).putInt(id);
    return header.put(rest).array();
  }

  @Test
  void bothDirectionsOfAFlowHashTheSame() {
    assertThat(hash(udp(A, B, 1024, 53))).isEqualTo(hash(udp(B, A, 53, 1024)));
    assertThat(hash(udp(A, B, 1024, 53))).isNotEqualTo(hash(udp(B, A, 1024, 53)));
    assertThat(hash(udp(A, B, 1024, 53))).isNotEqualTo(hash(udp(A, B, 1025, 53)));
    byte[] there = ipv6(1, 2, 6, ports(1024, 443));
    byte[] back = ipv6(2, 1, 6, ports(443, 1024));
    assertThat(hash(there)).isEqualTo(hash(back));
    byte[] echo = ethernet(0x0800, ipv4(1, A, B, 1, 0, new byte[8]));
    byte[] reply = ethernet(0x0800, ipv4(1, B, A, 9, 0, new byte[8]));
    assertThat(hash(echo)).isEqualTo(hash(reply));
  }

  @Test
  void vlanTagsMakeNoDifference() {
    int plain = hash(udp(A, B, 1024, 53));

    assertThat(hash(udp(A, B, 1024, 53, 7))).isEqualTo(plain);
    assertThat(hash(udp(B, A, 53, 1024, 100, 7))).isEqualTo(plain);
  }

  @Test
  void portsAreFoundBehindIpv6ExtensionHeaders() {
    int plain = hash(ipv6(1, 2, 17, ports(5, 6)));

    byte[] options = ipv6(1, 2, 0, extension(60, extension(17, ports(5, 6))));
    byte[] atomic = ipv6(1, 2, 44, fragment(17, 0, false, 99, ports(5, 6)));

    assertThat(hash(options)).isEqualTo(plain);
    assertThat(hash(atomic)).isEqualTo(plain);
  }

  @Test
  void fragmentsGoWithTheirFlow() {
    int flow = hash(udp(A, B, 1024, 53));
    byte[] first = ethernet(0x0800, ipv4(17, A, B, 77, MORE, ports(1024, 53)));
    byte[] second = ethernet(0x0800, ipv4(17, A, B, 77, MORE | 185, ports(9, 9)));
    byte[] last = ethernet(0x0800, ipv4(17, A, B, 77, 370, new byte[3]));

    assertThat(hash(first)).isEqualTo(flow);
    assertThat(hash(second)).isEqualTo(flow);
    assertThat(hash(last)).isEqualTo(flow);
  }

  @Test
  void ipv6FragmentsGoWithTheirFlow() {
    int flow = hash(ipv6(1, 2, 17, ports(5, 6)));

    byte[] first = ipv6(1, 2, 44, fragment(17, 0, true, 99, ports(5, 6)));
    byte[] last = ipv6(1, 2, 44, fragment(17, 1448, false, 99, new byte[40]));

    assertThat(hash(first)).isEqualTo(flow);
    assertThat(hash(last)).isEqualTo(flow);
  }

  @Test
  void aDatagramWhoseFirstFragmentIsLateStaysTogether() {
    byte[] first = ethernet(0x0800, ipv4(17, A, B, 78, MORE, ports(1024, 53)));
    byte[] last = ethernet(0x0800, ipv4(17, A, B, 78, 185, new byte[30]));

    int early = hash(last);

    assertThat(hash(first)).isEqualTo(early);
    assertThat(hash(last)).isEqualTo(early);
  }

  @Test
  void anIdentificationUsedAgainDoesNotMixFlows() {
    hash(ethernet(0x0800, ipv4(17, A, B, 5, MORE, ports(1, 2))));
    byte[] first = ethernet(0x0800, ipv4(17, A, B, 5, MORE, ports(3, 4)));
    byte[] last = ethernet(0x0800, ipv4(17, A, B, 5, 185, new byte[30]));

    assertThat(hash(first)).isEqualTo(hash(udp(A, B, 3, 4)));
    assertThat(hash(last)).isEqualTo(hash(udp(A, B, 3, 4)));
  }

  @Test
  void manyDatagramsUnderWayKeepTheirFlows() {
    int[] flow = new int[1000];
    for (int i = 0; i < flow.length; i++) {
      flow[i] = hash(ethernet(0x0800, ipv4(17, A + i, B, i, MORE, ports(i, 53))));
    }
    int kept = 0;
    for (int i = 0; i < flow.length; i++) {
      int last = hash(ethernet(0x0800, ipv4(17, A + i, B, i, 185, new byte[30])));
      kept += last == flow[i] ? 1 : 0;
    }
    // Sets fill unevenly; a few of a thousand may have made room for others.
    assertThat(kept).isGreaterThan(980);
  }

  @Test
  void flowsSpreadEvenly() {
    int[] perWorker = new int[4];
    for (int i = 0; i < 4000; i++) {
      long unsigned = Integer.toUnsignedLong(hash(udp(A + i / 40, B, 1024 + i % 40, 53)));
      perWorker[(int) (unsigned * 4 >>> 32)]++;
    }
    assertThat(Arrays.stream(perWorker).min().orElseThrow()).isGreaterThan(850);
  }

  @Test
  void anyBytesHashWithoutComplaint() {
    Random random = new Random(11);
    byte[][] seeds = {
      udp(A, B, 1, 2, 3),
      ipv6(1, 2, 0, extension(60, fragment(17, 8, true, 1, ports(5, 6)))),
      ethernet(0x0800, ipv4(17, A, B, 77, MORE, ports(1, 2)))
    };
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      byte[] frame = seeds[i % seeds.length].clone();
      for (int k = 0; k < 3; k++) {
        frame[random.nextInt(frame.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(frame.length + 1);
      seen.add(hash(Arrays.copyOf(frame, length)));
    }
    assertThat(seen).hasSizeGreaterThan(1000);
  }
}
