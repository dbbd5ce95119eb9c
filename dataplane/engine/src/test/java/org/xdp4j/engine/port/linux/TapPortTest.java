package org.xdp4j.engine.port.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.PortState;
import org.xdp4j.engine.port.PortStatistics;

class TapPortTest {
  private static final PortIdentity IDENTITY = new PortIdentity("tap", 3, 0x02_0000_0000_02L, 1500);
  private static final TapOptions OPTIONS = TapOptions.of("xt0");

  private final Region region = Region.reserve(64 << 20);
  private FramePool pool = new FramePool(region, 512);
  private final Frame[] frames = new Frame[64];

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.sleep(2);
    }
  }

  /** IPv6 off, which would say things of its own. */
  private static void inNamespace(NetworkNamespace.Task task) throws Exception {
    NetworkNamespace.run(
        () -> {
          NetworkNamespace.set("ipv6/conf/all/disable_ipv6", 1);
          NetworkNamespace.set("ipv6/conf/default/disable_ipv6", 1);
          task.run();
        });
  }

  private static void host() throws Exception {
    NetworkNamespace.ip("addr add 10.9.0.1/24 dev xt0");
    NetworkNamespace.ip("neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev xt0");
  }

  /** Answers every UDP packet by exchanging its addresses and ports; says how many there were. */
  private int echo(PortQueue queue) {
    int count = queue.receive(pool, frames, frames.length);
    for (int i = 0; i < count; i++) {
      long at = frames[i].data;
      assertThat(region.segment().get(Region.BYTE, at + 23)).isEqualTo((byte) 17);
      swap(at, at + 6, 6);
      swap(at + 26, at + 30, 4);
      swap(at + 34, at + 36, 2);
    }
    assertThat(queue.transmit(pool, frames, count)).isEqualTo(count);
    Arrays.fill(frames, null);
    queue.poll(pool);
    return count;
  }

  private void swap(long a, long b, int length) {
    for (int i = 0; i < length; i++) {
      byte kept = region.segment().get(Region.BYTE, a + i);
      region.segment().set(Region.BYTE, a + i, region.segment().get(Region.BYTE, b + i));
      region.segment().set(Region.BYTE, b + i, kept);
    }
  }

  private static DatagramChannel udp() throws IOException {
    return DatagramChannel.open(StandardProtocolFamily.INET)
        .bind(new InetSocketAddress(InetAddress.getByName("10.9.0.1"), 0));
  }

  private static int receive(DatagramChannel channel) throws IOException {
    channel.configureBlocking(false);
    int count = 0;
    while (channel.receive(ByteBuffer.allocate(2048)) != null) {
      count++;
    }
    return count;
  }

  private void exchange(TapPort port, int packets, int size) throws Exception {
    PortQueue queue = port.queue(0);
    try (DatagramChannel channel = udp()) {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
      int answered = 0;
      int back = 0;
      for (int sent = 0; sent < packets; ) {
        for (int i = 0; i < 50 && sent < packets; i++, sent++) {
          channel.send(
              ByteBuffer.allocate(size),
              new InetSocketAddress(InetAddress.getByName("10.9.0.2"), 7));
        }
        int soFar = sent;
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (answered < soFar && System.nanoTime() < deadline) {
          answered += echo(queue);
        }
        back += receive(channel);
      }
      long deadline = System.nanoTime() + 1_000_000_000L;
      while (back < packets && System.nanoTime() < deadline) {
        back += receive(channel);
      }
      assertThat(answered).isEqualTo(packets);
      assertThat(back).isEqualTo(packets);
    }
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void whatTheHostSendsComesInAndIsAnswered(boolean offload, boolean batched) throws Exception {
    inNamespace(
        () -> {
          TapOptions options = OPTIONS.withOffload(offload).withBatched(batched);
          try (TapPort port = TapPort.open(IDENTITY, options, region)) {
            host();
            exchange(port, 300, 700);
            PortStatistics statistics = port.statistics();
            assertThat(statistics.rxFrames()).isEqualTo(300);
            assertThat(statistics.rxBytes()).isEqualTo(300 * (700 + 42));
            assertThat(statistics.txFrames()).isEqualTo(300);
            assertThat(statistics.txErrors() + statistics.rxErrors()).isZero();
            port.queue(0).drain(pool);
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void anotherOwnersFramesComeInAndNoneOfTheOneBeforeAreKept(boolean offload, boolean batched)
      throws Exception {
    inNamespace(
        () -> {
          TapOptions options = OPTIONS.withOffload(offload).withBatched(batched);
          try (TapPort port = TapPort.open(IDENTITY, options, region)) {
            host();
            for (int owner = 0; owner < 4; owner++) {
              exchange(port, 100, 700);
              port.queue(0).receive(pool, frames, 64); // what it asks for stays with it
              FramePool before = pool;
              pool = new FramePool(region, 512);
              exchange(port, 100, 700);
              before.reclaim(); // what was given back from elsewhere
              assertThat(before.inUse()).isZero();
              before.close();
            }
            PortStatistics statistics = port.statistics();
            assertThat(statistics.rxFrames()).isEqualTo(800);
            assertThat(statistics.txFrames()).isEqualTo(800);
            assertThat(statistics.txErrors() + statistics.rxErrors()).isZero();
            port.queue(0).drain(pool);
          }
        });
  }

  @Test
  void aDeviceIsGivenItsQueuesMtuAndAddress() throws Exception {
    inNamespace(
        () -> {
          TapOptions options =
              OPTIONS.withLink(1400, 0x02_0000_0000_77L).withQueues(2).withQueueLength(2222);
          try (TapPort port = TapPort.open(IDENTITY, options, region);
              NetworkInterface interfaces = new NetworkInterface()) {
            assertThat(interfaces.mtu("xt0")).isEqualTo(1400);
            assertThat(interfaces.mac("xt0")).isEqualTo(0x02_0000_0000_77L);
            assertThat(interfaces.isUp("xt0")).isTrue();
            assertThat(interfaces.queueLength("xt0")).isEqualTo(2222);
            assertThat(port.queues()).isEqualTo(2);
          }
        });
  }

  @Test
  void anInterfaceThatGoesDownAndUpIsFollowedAndCounted() throws Exception {
    inNamespace(
        () -> {
          try (TapPort port = TapPort.open(IDENTITY, OPTIONS, region)) {
            host();
            await("up", () -> port.state() == PortState.UP);
            exchange(port, 10, 100);
            NetworkNamespace.ip("link set xt0 down");
            await("down", () -> port.state() == PortState.DOWN);
            Frame frame = pool.acquire(60);
            assertThat(port.queue(0).transmit(pool, new Frame[] {frame}, 1)).isEqualTo(1);
            port.queue(0).poll(pool);
            assertThat(port.statistics().txErrors()).isEqualTo(1);

            NetworkNamespace.ip("link set xt0 up");
            await("up again", () -> port.state() == PortState.UP);
            NetworkNamespace.ip("neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev xt0");
            exchange(port, 10, 100);
            assertThat(port.stateChanges()).isGreaterThanOrEqualTo(2);
            port.queue(0).drain(pool);
          }
        });
  }

  @Test
  void whatTheKernelHasNoRoomForIsToldByItsName() throws Exception {
    inNamespace(
        () -> {
          try (TapPort port = TapPort.open(IDENTITY, OPTIONS.withUp(true), region)) {
            host();
            NetworkNamespace.ip("link set xt0 txqueuelen 100");
            try (DatagramChannel channel = udp()) {
              InetSocketAddress far = new InetSocketAddress(InetAddress.getByName("10.9.0.2"), 7);
              for (int i = 0; i < 150; i++) {
                channel.send(ByteBuffer.allocate(100), far);
              }
            }
            assertThat(port.kernelDropsByName()).containsEntry("queue-full", 50L);
            int received = 0;
            int count;
            while ((count = port.queue(0).receive(pool, frames, frames.length)) > 0) {
              received += count;
              for (int i = 0; i < count; i++) {
                pool.release(frames[i]);
                frames[i] = null;
              }
            }
            assertThat(received).isEqualTo(100);
            assertThat(port.statistics().kernelDrops()).isEqualTo(50);
            port.queue(0).drain(pool);
          }
        });
  }

  @Test
  void anInterfaceThatIsDeletedIsAttachedAgainWhenItReturns() throws Exception {
    inNamespace(
        () -> {
          try (TapPort port = TapPort.open(IDENTITY, OPTIONS.withUp(true), region)) {
            host();
            exchange(port, 10, 100);
            NetworkNamespace.ip("link del xt0");
            await("gone", () -> port.state() == PortState.GONE);
            assertThat(port.queue(0).receive(pool, frames, 64)).isZero();

            NetworkNamespace.ip("tuntap add xt0 mode tap");
            await("back", () -> port.state() == PortState.UP);
            host();
            exchange(port, 10, 100);
            port.queue(0).drain(pool);
          }
        });
  }

  @Test
  void aTapThatMovesToAnotherNamespaceStaysAttached() throws Exception {
    inNamespace(
        () -> {
          String name = "xdp4j-test-" + ProcessHandle.current().pid();
          try (TapPort port = TapPort.open(IDENTITY, OPTIONS, region)) {
            NetworkNamespace.ip("netns add " + name);
            NetworkNamespace.ip("link set xt0 netns " + name);
            await("down, as what is moved is", () -> port.state() == PortState.DOWN);
            NetworkNamespace.ip("-n " + name + " link set xt0 up");
            await("up over there", () -> port.state() == PortState.UP);
            Frame frame = pool.acquire(60);
            region.segment().asSlice(frame.data, 60).fill((byte) 0);
            port.queue(0).transmit(pool, new Frame[] {frame}, 1);
            port.queue(0).poll(pool);
            assertThat(port.statistics().txFrames()).isEqualTo(1);
            port.queue(0).drain(pool);
          } finally {
            NetworkNamespace.ip("netns del " + name);
          }
        });
  }

  @Test
  void openingAndClosingManyTimesLeavesNothingOpen() throws Exception {
    inNamespace(
        () -> {
          long before = 0;
          for (int i = 0; i < 220; i++) {
            if (i == 20) {
              before = open();
            }
            try (TapPort port = TapPort.open(IDENTITY, OPTIONS, region)) {
              port.queue(0).receive(pool, frames, 64);
              port.queue(0).drain(pool);
            }
          }
          assertThat(open()).isLessThanOrEqualTo(before + 2);
          assertThat(pool.inUse()).isZero();
        });
  }

  private static long open() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }

  @Test
  void aTapMadeBeforehandTakesNoPrivilege() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is not installed");
    inNamespace(
        () -> {
          NetworkNamespace.ip("tuntap add xt0 mode tap user root");
          NetworkNamespace.ip("link set xt0 up");
          host();
          Process process =
              new ProcessBuilder(
                      "/usr/bin/setpriv",
                      "--bounding-set=-all",
                      "--inh-caps=-all",
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "--enable-native-access=ALL-UNNAMED",
                      "-XX:TieredStopAtLevel=1",
                      "-cp",
                      System.getProperty("java.class.path"),
                      UnprivilegedTap.class.getName(),
                      "xt0")
                  .redirectErrorStream(true)
                  .start();
          try (BufferedReader said = process.inputReader();
              DatagramChannel channel = udp()) {
            assertThat(said.readLine()).isEqualTo("opened");
            // Until Linux has noticed that somebody is at the other end, it throws frames away.
            for (int i = 0; i < 500 && !said.ready(); i++) {
              channel.send(
                  ByteBuffer.allocate(58),
                  new InetSocketAddress(InetAddress.getByName("10.9.0.2"), 7));
              Thread.sleep(20);
            }
            assertThat(said.readLine()).isEqualTo("received 100");
            assertThat(said.readLine())
                .isEqualTo(
                    "tap: tap xtnew cannot be attached: making one takes CAP_NET_ADMIN, using one"
                        + " its owner's identity: it is not permitted (errno 1)");
          } finally {
            process.destroyForcibly().waitFor();
          }
        });
  }

  @Test
  void whatCannotBeATapIsOneSentence() throws Exception {
    inNamespace(
        () -> {
          assertThatThrownBy(() -> TapPort.open(IDENTITY, TapOptions.of("lo"), region))
              .isInstanceOf(PortException.class)
              .hasMessage(
                  "tap: tap lo cannot be attached: it is no tap: Linux refuses it as it is (errno"
                      + " 22)");
          NetworkNamespace.ip("tuntap add xt1 mode tap");
          assertThatThrownBy(
                  () -> TapPort.open(IDENTITY, TapOptions.of("xt1").withQueues(2), region))
              .hasMessageContaining("several queues");
        });
  }
}
