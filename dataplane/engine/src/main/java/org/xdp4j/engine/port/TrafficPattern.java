package org.xdp4j.engine.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.port.GeneratorOptions.FlowOrder;
import org.xdp4j.net.wire.Checksum;

/** Makes the frames of one generator queue, one after the other. Owned by one thread. */
final class TrafficPattern {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int SOURCE_ADDRESS = ETHERNET + 12;
  private static final int SOURCE_PORT = ETHERNET + IPV4;
  private static final int HEADERS = ETHERNET + IPV4 + 8;
  private static final int PORTS = 60_000;
  private static final int MAX_IP = 0xffff;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final GeneratorOptions options;
  private final MemorySegment memory;
  private final MemorySegment headers;
  private final SplittableRandom random;
  private final SizeSequence sizes;
  private final int step;
  private int turn;

  /** Makes that of queue {@code number} of {@code queues}. */
  TrafficPattern(GeneratorOptions options, int number, int queues, Region region) {
    this.options = options;
    this.memory = region.segment();
    this.headers = MemorySegment.ofArray(headers(options));
    this.random = new SplittableRandom(options.seed() + 0x9e37_79b9_7f4aL * number);
    this.sizes = SizeSequence.of(options.sizes(), random);
    this.turn = number % options.flows();
    this.step = queues % options.flows();
  }

  private static byte[] headers(GeneratorOptions options) {
    byte[] bytes = new byte[HEADERS];
    MemorySegment frame = MemorySegment.ofArray(bytes);
    frame.set(SHORT, 0, (short) (options.destinationMac() >>> 32));
    frame.set(INT, 2, (int) options.destinationMac());
    frame.set(SHORT, 6, (short) (options.sourceMac() >>> 32));
    frame.set(INT, 8, (int) options.sourceMac());
    frame.set(SHORT, 12, (short) 0x0800);
    frame.set(SHORT, ETHERNET, (short) 0x4500);
    frame.set(INT, ETHERNET + 8, 0x40110000);
    frame.set(SHORT, SOURCE_PORT + 2, (short) options.port());
    return bytes;
  }

  /** Bytes of the next frame. */
  int nextLength() {
    return sizes.peek();
  }

  /** Writes the next frame into one of {@link #nextLength} bytes. */
  void fill(Frame frame) {
    int length = sizes.next();
    int flow = nextFlow();
    long at = frame.data;
    int ip = Math.min(length - ETHERNET, MAX_IP);
    MemorySegment.copy(headers, 0, memory, at, HEADERS);
    memory.asSlice(at + HEADERS, length - HEADERS).fill((byte) 0);
    memory.set(SHORT, at + ETHERNET + 2, (short) ip);
    memory.set(INT, at + SOURCE_ADDRESS, options.source() + flow);
    memory.set(INT, at + SOURCE_ADDRESS + 4, options.destination() + flow % options.destinations());
    memory.set(SHORT, at + SOURCE_PORT, (short) (1024 + flow % PORTS));
    memory.set(SHORT, at + SOURCE_PORT + 4, (short) (ip - IPV4));
    memory.set(SHORT, at + ETHERNET + 10, (short) Checksum.of(memory, at + ETHERNET, IPV4));
  }

  private int nextFlow() {
    int flows = options.flows();
    if (options.order() == FlowOrder.IN_TURN) {
      int flow = turn;
      turn += step;
      turn -= turn >= flows ? flows : 0;
      return flow;
    }
    if (options.order() == FlowOrder.UNIFORM) {
      return random.nextInt(flows);
    }
    // The inverse of the harmonic sum, ln(n): close to Zipf's law with exponent 1.
    return Math.min(flows - 1, (int) Math.pow(flows + 1.0, random.nextDouble()) - 1);
  }
}
