package org.xdp4j.engine.port.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.FrameSizes;
import org.xdp4j.engine.port.GeneratorOptions;
import org.xdp4j.engine.port.GeneratorPort;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.PortState;
import org.xdp4j.engine.port.pcap.PcapOptions;
import org.xdp4j.engine.port.pcap.PcapPort;

/** Ports onto the two ends of a veth pair in a namespace of the test's own. */
class InterfacePortTest {
  private static final PortIdentity A = new PortIdentity("a", 1, 0x02_0000_0000_0aL, 1500);
  private static final PortIdentity B = new PortIdentity("b", 2, 0x02_0000_0000_0bL, 1500);

  /**
   * Frames that may be on their way: a packet ring has as many blocks, and the kernel closes a
   * block that was begun after a while, however little is in it. A thread that waits for a CPU
   * finds no more than this.
   */
  private static final int OUTSTANDING = 16;

  private final Region region = Region.reserve(128 << 20);
  private final FramePool pool = new FramePool(region, 1024);
  private final Frame[] frames = new Frame[64];

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  private static void inNamespace(NetworkNamespace.Task task) throws Exception {
    NetworkNamespace.run(
        () -> {
          NetworkNamespace.set("ipv6/conf/all/disable_ipv6", 1);
          NetworkNamespace.set("ipv6/conf/default/disable_ipv6", 1);
          veth();
          task.run();
        });
  }

  private static void veth() throws IOException, InterruptedException {
    NetworkNamespace.ip("link add va type veth peer name vb");
    NetworkNamespace.ip("link set va up");
    NetworkNamespace.ip("link set vb up");
    isReady("va");
    isReady("vb");
  }

  /**
   * Waits until a device sends: the kernel gives a link that went up its queue later, on a thread
   * of its own, and until then what is sent is lost without being counted (noop_qdisc).
   */
  private static void isReady(String device) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    String now;
    do {
      now = NetworkNamespace.ip("link show " + device);
      assertThat(System.nanoTime()).as(now).isLessThan(deadline);
    } while (now.contains(" noop ") || !now.contains(" state UP "));
  }

  /** The kinds of port that an interface can be used through. */
  enum Kind {
    PACKET_RING,
    XDP_SOCKET,
    PCAP;

    Port open(PortIdentity identity, String device, Region region) throws PortException {
      return switch (this) {
        case PACKET_RING -> PacketRingPort.open(identity, PacketRingOptions.of(device), region);
        case XDP_SOCKET -> XdpSocketPort.open(identity, XdpSocketOptions.of(device), region);
        case PCAP -> PcapPort.open(identity, PcapOptions.of(device), region);
      };
    }
  }

  private String hex(Frame frame) {
    return HexFormat.of()
        .formatHex(region.segment().asSlice(frame.data, frame.length()).toArray(Region.BYTE));
  }

  /**
   * Sends what a generator makes out of one port and gives back what comes in through the other.
   */
  private void cross(Port from, Port to, GeneratorOptions options) throws InterruptedException {
    GeneratorPort generator = new GeneratorPort(A, 1, options, region);
    List<String> sent = new ArrayList<>();
    List<String> received = new ArrayList<>();
    PortQueue in = to.queue(0);
    long deadline = System.nanoTime() + 10_000_000_000L;
    assertThat(in.receive(pool, frames, frames.length)).isZero(); // from now on it can
    while (received.size() < options.frames() && System.nanoTime() < deadline) {
      boolean room = sent.size() == received.size();
      int count = room ? generator.queue(0).receive(pool, frames, OUTSTANDING) : 0;
      for (int i = 0; i < count; i++) {
        sent.add(hex(frames[i]));
      }
      assertThat(from.queue(0).transmit(pool, frames, count)).isEqualTo(count);
      Arrays.fill(frames, null);
      from.queue(0).poll(pool);
      int came = in.receive(pool, frames, frames.length);
      for (int i = 0; i < came; i++) {
        received.add(hex(frames[i]));
        assertThat(frames[i].ingress).isEqualTo(to.ifindex());
        pool.release(frames[i]);
        frames[i] = null;
      }
      in.poll(pool);
    }
    assertThat(received.size())
        .as("%s, of which were lost %s", to.statistics(), to.kernelDropsByName())
        .isEqualTo(sent.size());
    assertThat(received).isEqualTo(sent);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void framesCrossAVethInOrder(Kind kind) throws Exception {
    inNamespace(
        () -> {
          try (Port a = kind.open(A, "va", region);
              Port b = kind.open(B, "vb", region)) {
            cross(
                a, b, GeneratorOptions.of(3000, 60, 50).withSizes(new FrameSizes.Range(60, 1514)));
            cross(b, a, GeneratorOptions.of(500, 60, 1));
            assertThat(a.statistics().txFrames()).isEqualTo(3000);
            assertThat(b.statistics().rxFrames()).isEqualTo(3000);
            assertThat(b.statistics().kernelDrops()).isZero();
            a.queue(0).drain(pool);
            b.queue(0).drain(pool);
          }
        });
  }

  @Test
  void whatTheRingHasNoRoomForIsCountedByName() throws Exception {
    inNamespace(
        () -> {
          try (Port a = Kind.PACKET_RING.open(A, "va", region);
              Port b = PacketRingPort.open(B, PacketRingOptions.of("vb").withBlocks(2), region)) {
            GeneratorPort generator =
                new GeneratorPort(A, 1, GeneratorOptions.of(4096, 1514, 1), region);
            int count;
            while ((count = generator.queue(0).receive(pool, frames, 64)) > 0) {
              a.queue(0).transmit(pool, frames, count);
              Arrays.fill(frames, null);
            }
            int came = 0;
            long deadline = System.nanoTime() + 200_000_000L;
            while (System.nanoTime() < deadline) {
              count = b.queue(0).receive(pool, frames, 64);
              came += count;
              for (int i = 0; i < count; i++) {
                pool.release(frames[i]);
                frames[i] = null;
              }
            }
            assertThat(b.kernelDropsByName().get("packet-ring-full"))
                .isPositive()
                .isEqualTo(4096 - came);
            a.queue(0).drain(pool);
            b.queue(0).drain(pool);
          }
        });
  }

  /** Does what a worker does all the time, without a frame coming; says how the port is then. */
  private PortState idle(Port port) {
    assertThat(port.queue(0).receive(pool, frames, frames.length)).isZero();
    port.queue(0).poll(pool);
    return port.state();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anInterfaceThatReturnsIsBoundAgain(Kind kind) throws Exception {
    inNamespace(
        () -> {
          try (Port a = kind.open(A, "va", region);
              Port b = kind.open(B, "vb", region)) {
            cross(a, b, GeneratorOptions.of(10, 60, 1));
            NetworkNamespace.ip("link del va");
            TapPortTest.await("gone", () -> idle(b) == PortState.GONE && idle(a) == PortState.GONE);
            veth();
            TapPortTest.await("back", () -> idle(a) == PortState.UP && idle(b) == PortState.UP);
            cross(a, b, GeneratorOptions.of(10, 60, 1));
            a.queue(0).drain(pool);
            b.queue(0).drain(pool);
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void nothingStaysOpen(Kind kind) throws Exception {
    inNamespace(
        () -> {
          long before = 0;
          for (int i = 0; i < 60; i++) {
            if (i == 10) {
              before = descriptors();
            }
            try (Port a = kind.open(A, "va", region)) {
              a.queue(0).receive(pool, frames, 64);
              a.queue(0).drain(pool);
            }
          }
          assertThat(descriptors()).isLessThanOrEqualTo(before + 2);
        });
  }

  @Test
  void onlyFramesThatATcpdumpExpressionFitsComeThroughLibpcap() throws Exception {
    inNamespace(
        () -> {
          PcapOptions options = PcapOptions.of("vb").withFilter("udp src port 1030");
          try (Port a = Kind.PACKET_RING.open(A, "va", region);
              Port b = PcapPort.open(B, options, region)) {
            GeneratorPort generator =
                new GeneratorPort(A, 1, GeneratorOptions.of(64, 60, 16), region);
            int count = generator.queue(0).receive(pool, frames, 64);
            a.queue(0).transmit(pool, frames, count);
            Arrays.fill(frames, null);
            int came = 0;
            long deadline = System.nanoTime() + 3_000_000_000L;
            while (came < 4 && System.nanoTime() < deadline) {
              count = b.queue(0).receive(pool, frames, 64);
              for (int i = 0; i < count; i++) {
                assertThat(hex(frames[i])).contains("04060035"); // from port 1030 to port 53
                pool.release(frames[i]);
                frames[i] = null;
              }
              came += count;
            }
            assertThat(came).isEqualTo(4);
            assertThat(b.statistics().rxFrames()).isEqualTo(4);
          }
          assertThatThrownBy(
                  () -> PcapPort.open(B, options.withFilter("udp port nonsense and"), region))
              .isInstanceOf(PortException.class)
              .hasMessageStartingWith("b: filter 'udp port nonsense and': ");
        });
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void anInterfaceThatIsNotThereIsOneSentence(Kind kind) throws Exception {
    inNamespace(
        () ->
            assertThatThrownBy(() -> kind.open(A, "nowhere", region))
                .isInstanceOf(PortException.class)
                .hasMessageStartingWith("a: interface nowhere: "));
  }
}
