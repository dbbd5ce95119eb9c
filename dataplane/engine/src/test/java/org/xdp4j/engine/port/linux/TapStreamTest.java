package org.xdp4j.engine.port.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.Segmenter;

/**
 * A TCP stream between two hosts, each a namespace of the test's own with a tap, joined here: the
 * kernel at both ends checks every header and checksum.
 */
class TapStreamTest {
  private static final int BYTES = 8 << 20;

  private final Region region = Region.reserve(128 << 20);
  private final FramePool pool = new FramePool(region, 1024);
  private final Segmenter segmenter = new Segmenter(region.segment());
  private final Frame[] frames = new Frame[64];
  private final Frame[] pieces = new Frame[128];
  private int longest;

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  private TapPort open(int number, boolean offload) throws Exception {
    NetworkNamespace.set("ipv6/conf/all/disable_ipv6", 1);
    NetworkNamespace.set("ipv6/conf/default/disable_ipv6", 1);
    PortIdentity identity =
        new PortIdentity("tap" + number, number, 0x02_0000_0000_00L + number, 1500);
    TapPort port = TapPort.open(identity, TapOptions.of("xt0").withOffload(offload), region);
    NetworkNamespace.ip("addr add 10.9.0." + number + "/24 dev xt0");
    return port;
  }

  /** The other host: opens its port, takes one stream and answers with its checksum. */
  private void serve(
      boolean offload,
      CompletableFuture<TapPort> opened,
      CompletableFuture<Long> sum,
      CountDownLatch done) {
    try {
      NetworkNamespace.run(
          () -> {
            try (TapPort port = open(2, offload);
                ServerSocketChannel server =
                    ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getByName("10.9.0.2"), 5000))) {
              opened.complete(port);
              sum.complete(sum(server));
              done.await(20, TimeUnit.SECONDS); // our port is still in use
            }
          });
    } catch (Throwable e) {
      opened.completeExceptionally(e);
      sum.completeExceptionally(e);
    }
  }

  private static long sum(ServerSocketChannel server) throws IOException {
    CRC32 crc = new CRC32();
    try (SocketChannel stream = server.accept()) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
      while (stream.read(buffer) >= 0) {
        crc.update(buffer.flip());
        buffer.clear();
      }
    }
    return crc.getValue();
  }

  private static void send(CompletableFuture<Long> sum) {
    byte[] bytes = new byte[BYTES];
    new Random(5).nextBytes(bytes);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    try (SocketChannel stream =
        SocketChannel.open(new InetSocketAddress(InetAddress.getByName("10.9.0.2"), 5000))) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        stream.write(buffer);
      }
      sum.complete(crc.getValue());
    } catch (IOException e) {
      sum.completeExceptionally(e);
    }
  }

  private void forward(PortQueue from, TapPort to) {
    int count = from.receive(pool, frames, frames.length);
    PortQueue out = to.queue(0);
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      frames[i] = null;
      if (to.offloads() || frame.segmentTo == 0) {
        if (!to.offloads() && Segmenter.concerns(frame)) {
          segmenter.complete(frame);
        }
        longest = Math.max(longest, frame.length());
        assertThat(out.transmit(pool, new Frame[] {frame}, 1)).isEqualTo(1);
      } else {
        int made = segmenter.cut(pool, frame, pieces);
        for (int k = 0; k < made; k++) {
          longest = Math.max(longest, pieces[k].length());
        }
        pool.release(frame);
        assertThat(out.transmit(pool, pieces, made)).isEqualTo(made);
      }
    }
    out.poll(pool);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void aStreamArrivesWhole(boolean offloadA, boolean offloadB) throws Exception {
    NetworkNamespace.run(
        () -> {
          CompletableFuture<TapPort> opened = new CompletableFuture<>();
          CompletableFuture<Long> received = new CompletableFuture<>();
          CompletableFuture<Long> sent = new CompletableFuture<>();
          CountDownLatch done = new CountDownLatch(1);
          Thread server = Thread.ofPlatform().start(() -> serve(offloadB, opened, received, done));
          try (TapPort a = open(1, offloadA)) {
            TapPort b = opened.get(10, TimeUnit.SECONDS);
            Thread client = Thread.ofPlatform().start(() -> send(sent));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (!(sent.isDone() && received.isDone()) && System.nanoTime() < deadline) {
              forward(a.queue(0), b);
              forward(b.queue(0), a);
            }
            a.queue(0).drain(pool);
            b.queue(0).drain(pool);
            assertThat(received.getNow(-1L)).isEqualTo(sent.getNow(-2L));
            assertThat(a.statistics().rxErrors() + b.statistics().txErrors()).isZero();
            client.join();
          } finally {
            done.countDown();
            server.join();
          }
          if (offloadA && offloadB) {
            assertThat(longest).isGreaterThan(20_000); // segments went through whole
          } else if (!offloadB) {
            assertThat(longest).isLessThanOrEqualTo(1514);
          }
        });
  }
}
