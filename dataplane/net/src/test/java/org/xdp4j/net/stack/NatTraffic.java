package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.xdp4j.net.nat.Nat44;
import org.xdp4j.net.wire.IpAddress;

/**
 * Generated traffic of all kinds through NAT, with laws that hold for each packet that leaves:
 *
 * <ul>
 *   <li>What a checksum covers sums up to the same before and after, so that a right one stays
 *       right and a wrong one wrong (RFC 1624); an ICMP error is right as a whole.
 *   <li>Nothing with an inside address leaves outside, neither as its source nor in what it quotes.
 *   <li>An inside endpoint has one outside endpoint at a time, which is no other's, and what comes
 *       for it reaches it.
 * </ul>
 */
final class NatTraffic {
  static final int PACKETS = 30_000;
  private static final int ICMP = 1;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final String OUTSIDE = "10.0.2.1";
  private static final List<String> INSIDE = List.of("10.0.1.2", "10.0.1.3", "10.0.3.2");
  private static final List<String> REMOTES = List.of("10.0.2.2", "10.0.2.3");

  /** A packet that leaves, and what it was when it came. */
  private record Passed(byte[] in, byte[] out) {}

  private final TestRouter router =
      new TestRouter(
          RouterSettings.defaults().withIcmp(1_000_000, 1000),
          TestRouter.builder(1),
          TestRouter.builder(2),
          TestRouter.builder(3).mtu(1300));

  private final Random random;

  /** Outside endpoints by inside ones, with their protocols in front, of mappings that live. */
  private final Map<String, String> outside = new HashMap<>();

  private final List<Passed> passed = new ArrayList<>();
  int translated;
  int errors;
  int fragments;

  /** Of all that left. */
  long fingerprint = 1;

  NatTraffic(long seed) {
    random = new Random(seed);
    for (String each : INSIDE) {
      router.neighbor(each.charAt(5) - '0', each);
    }
    REMOTES.forEach(each -> router.neighbor(2, each));
    List<IpAddress> pool = List.of(IpAddress.parse(OUTSIDE));
    router.router.setNat(new Nat44(List.of(2), pool, 400, 150, new SplittableRandom(seed)));
  }

  /** Sends it all. */
  void run() {
    for (int i = 0; i < PACKETS; i++) {
      byte[] packet = random.nextInt(6) == 0 && !passed.isEmpty() ? error() : packet(i);
      if (random.nextInt(20) == 0) {
        packet[random.nextInt(packet.length - 20) + 20] ^= (byte) (1 << random.nextInt(8));
      }
      int port = Packets.address4(packet, 12).charAt(5) - '0';
      router.receive(port, packet);
      check(packet, port);
      if (random.nextInt(200) == 0) {
        router.now += random.nextInt(100) * TestRouter.SECOND;
        router.pass(0.2);
        check(null, 0);
        forgetExpired();
      }
    }
    router.stack.stop();
    router.requireBalance();
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** A packet from inside to a remote or another one inside, or from a remote to one inside. */
  private byte[] packet(int number) {
    boolean out = random.nextBoolean() || outside.isEmpty();
    int protocol = any(List.of(ICMP, TCP, UDP));
    int port = 1000 + random.nextInt(60);
    String[] known = outside.isEmpty() ? null : any(List.copyOf(outside.values())).split("[ :]");
    boolean back = known != null && random.nextInt(out ? 5 : 4) < (out ? 1 : 3);
    String to = out && !back ? any(REMOTES) : OUTSIDE;
    int toPort = back ? Integer.parseInt(known[2]) : random.nextInt(5);
    protocol = back ? Integer.parseInt(known[0]) : protocol;
    byte[] data =
        switch (protocol) {
          case ICMP -> Packets.icmp(back ? 0 : 8, 0, (back ? toPort : port) << 16, data());
          case TCP -> Packets.concat(Packets.tcp(port, toPort, random.nextInt(32), 0), data());
          default -> Packets.udp(port, toPort, random.nextInt(60));
        };
    String from = out ? any(INSIDE) : any(REMOTES);
    byte[] packet =
        protocol == ICMP
            ? Packets.ipv4(from, to, ICMP, data)
            : random.nextInt(10) == 0
                ? Packets.ipv4(from, to, protocol, data)
                : Packets.transport4(from, to, protocol, data);
    return random.nextInt(5) == 0 && packet.length > 60 ? fragment(packet, number) : packet;
  }

  private byte[] data() {
    byte[] data = new byte[random.nextInt(60)];
    random.nextBytes(data);
    return data;
  }

  /** The first or a later fragment; the other of the same datagram comes later, or never. */
  private byte[] fragment(byte[] packet, int number) {
    boolean first = random.nextInt(3) != 0;
    int cut = random.nextInt(1, 5) * 8;
    byte[] piece =
        first
            ? Arrays.copyOf(packet, 20 + cut)
            : Packets.concat(Arrays.copyOf(packet, 20), Packets.from(packet, 20 + cut));
    int field = first ? 0x2000 : cut / 8;
    int id = random.nextInt(3) == 0 ? number : random.nextInt(40);
    piece = Packets.with(piece, 2, piece.length >>> 8, piece.length, id >>> 8, id);
    return Packets.sealed(Packets.with(piece, 6, field >>> 8, field));
  }

  /** An ICMP error by its receiver about something that passed, quoting more or less of it. */
  private byte[] error() {
    byte[] about = any(passed.subList(Math.max(0, passed.size() - 50), passed.size())).out;
    int quoted = 20 + random.nextInt(about.length - 19);
    int type = any(List.of(3, 11, 12));
    byte[] message = Packets.icmp(type, 0, 0, Arrays.copyOf(about, quoted));
    String from = random.nextInt(4) == 0 ? any(INSIDE) : Packets.address4(about, 16);
    String to = random.nextInt(8) == 0 ? any(REMOTES) : Packets.address4(about, 12);
    if (from.equals(OUTSIDE) || from.equals(to)) {
      from = any(REMOTES);
    }
    return Packets.ipv4(from, to, ICMP, message);
  }

  private void check(byte[] in, int port) {
    for (TestRouter.Sent sent : router.sent) {
      byte[] out = sent.packet();
      fingerprint = fingerprint * 31 + Arrays.hashCode(out) + sent.port();
      byte[] header = Arrays.copyOf(out, 20);
      assertThat(Packets.sealed(header.clone())).as("a right checksum").isEqualTo(header);
      if (sent.port() == 2) {
        assertThat(Packets.address4(out, 12)).as("what leaves").startsWith("10.0.2.");
      }
      boolean ours = Packets.u8(out, 8) == 64; // What is forwarded has a hop less.
      // A fragment that waited leaves with the first one, whose identification it has.
      boolean other = in == null || Packets.i32(out, 4) != Packets.i32(in, 4);
      if (!ours && !other) {
        checkForwarded(in, port, out, sent.port());
      }
    }
    router.sent.clear();
    router.drops.clear();
  }

  private void checkForwarded(byte[] in, int port, byte[] out, int outPort) {
    int protocol = Packets.u8(in, 9);
    boolean fragment = (Packets.u16(in, 6) & 0x3fff) != 0;
    if (protocol == ICMP && !fragment && isError(Packets.u8(in, 20))) {
      errors++;
      if (port != 2 || outPort != 2) {
        checkError(in, out, outPort);
      }
      return;
    }
    translated++;
    fragments += fragment ? 1 : 0;
    boolean none = protocol == UDP && !fragment && Packets.u16(in, 26) == 0;
    if (none) {
      assertThat(Packets.u16(out, 26)).isZero();
    } else if ((Packets.u16(in, 6) & 0x1fff) == 0) {
      boolean first = protocol == UDP && Packets.u16(in, 26) == 0;
      assertThat(first || covered(in) == covered(out)).as("what is covered").isTrue();
    } else {
      assertThat(Packets.from(out, 20)).isEqualTo(Packets.from(in, 20));
    }
    if ((Packets.u16(in, 6) & 0x1fff) == 0) {
      checkEndpoints(in, port, out, protocol);
    }
    if (!fragment) {
      passed.add(new Passed(in, out));
    }
  }

  private static boolean isError(int type) {
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
  }

  /** The sum of what the transport checksum covers, itself included, in ones' complement. */
  private static int covered(byte[] packet) {
    int sum = 0;
    for (int i = Packets.u8(packet, 9) == ICMP ? 20 : 12; i < packet.length; i += 2) {
      sum += i + 1 < packet.length ? Packets.u16(packet, i) : Packets.u8(packet, i) << 8;
    }
    return sum % 0xffff;
  }

  private void checkEndpoints(byte[] in, int port, byte[] out, int protocol) {
    if (port != 2) {
      String inside = protocol + " " + endpoint(in, 12, protocol == ICMP ? 24 : 20);
      String mapped = protocol + " " + endpoint(out, 12, protocol == ICMP ? 24 : 20);
      assertThat(outside.getOrDefault(inside, mapped)).isEqualTo(mapped);
      assertThat(outside.containsKey(inside) || !outside.containsValue(mapped)).isTrue();
      outside.put(inside, mapped);
    }
    if (Packets.address4(in, 16).equals(OUTSIDE)) {
      String mapped = protocol + " " + endpoint(in, 16, protocol == ICMP ? 24 : 22);
      String inside = protocol + " " + endpoint(out, 16, protocol == ICMP ? 24 : 22);
      assertThat(outside.get(inside)).as(inside).isEqualTo(mapped);
    }
  }

  private static String endpoint(byte[] packet, int address, int port) {
    return Packets.address4(packet, address) + ":" + Packets.u16(packet, port);
  }

  /** It is right as it leaves, and quotes what its receiver sent. */
  private void checkError(byte[] in, byte[] out, int outPort) {
    assertThat(Packets.isSound4(in)).as("only a right error is translated").isTrue();
    assertThat(Packets.isSound4(out)).isTrue();
    assertThat(Packets.address4(out, 16)).isEqualTo(Packets.address4(out, 40));
    if (outPort == 2) {
      assertThat(Packets.address4(out, 44)).isEqualTo(OUTSIDE);
    }
    byte[] quoted = Packets.from(out, 28);
    byte[] before = Packets.from(in, 28);
    int protocol = Packets.u8(quoted, 9);
    boolean whole = Packets.u16(quoted, 2) == quoted.length;
    boolean none = protocol == UDP && whole && Packets.u16(before, 26) == 0;
    if (whole && !none) {
      assertThat(covered(quoted)).as("what is covered, quoted").isEqualTo(covered(before));
    }
  }

  /** The model forgets what the table has forgotten. */
  private void forgetExpired() {
    List<String> live =
        router.router.nat().list().stream()
            .map(
                each ->
                    "%d %s:%d"
                        .formatted(
                            each.protocol(),
                            IpAddress.format4(each.insideAddress()),
                            each.insidePort()))
            .toList();
    outside.keySet().retainAll(live);
  }
}
