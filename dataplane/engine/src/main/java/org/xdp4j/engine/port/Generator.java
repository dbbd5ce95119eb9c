package org.xdp4j.engine.port;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.net.wire.Checksum;

/**
 * Makes UDP frames, the flows in turn: flow {@code f} is from 10.0.0.0 + f, port 1024 + f mod
 * 60,000, to 192.168.0.1, port 53. For benchmarks and tests.
 */
public final class Generator implements Receiver {
  /** The shortest frame: Ethernet's 64 bytes with its check sequence, which is not part of it. */
  public static final int MIN_LENGTH = 60;

  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int SOURCE_ADDRESS = ETHERNET + 12;
  private static final int SOURCE_PORT = ETHERNET + IPV4;
  private static final int CHECKSUM = ETHERNET + 10;
  private static final int PORTS = 60_000;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemorySegment memory;
  private final MemorySegment template;
  private final Counters counters;
  private final int length;
  private final int flows;
  private long left;
  private long sequence;
  private int flow;

  /**
   * Makes one.
   *
   * @param frames how many frames to make in all
   * @param length bytes of each, {@value #MIN_LENGTH} or more
   * @param flows how many flows, 1 to 2^24
   */
  public Generator(Region region, Counters counters, long frames, int length, int flows) {
    if (length < MIN_LENGTH || length > FramePool.maxLength() || flows < 1 || flows > 1 << 24) {
      throw new IllegalArgumentException(
          "no " + flows + " flows of " + length + "-byte frames can be made");
    }
    this.memory = region.segment();
    this.counters = counters;
    this.left = frames;
    this.length = length;
    this.flows = flows;
    this.template = MemorySegment.ofArray(template(length));
  }

  private static byte[] template(int length) {
    byte[] bytes = new byte[length];
    MemorySegment frame = MemorySegment.ofArray(bytes);
    frame.set(INT, 0, 0x02000000);
    frame.set(SHORT, 4, (short) 1);
    frame.set(INT, 6, 0x02000000);
    frame.set(SHORT, 10, (short) 2);
    frame.set(SHORT, 12, (short) 0x0800);
    int size = Math.min(length - ETHERNET, 0xffff);
    frame.set(INT, ETHERNET, 0x45000000 | size);
    frame.set(INT, ETHERNET + 8, 0x40110000);
    frame.set(INT, ETHERNET + 16, 0xc0a80001);
    frame.set(SHORT, SOURCE_PORT + 2, (short) 53);
    frame.set(SHORT, SOURCE_PORT + 4, (short) (size - IPV4));
    return bytes;
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    int wanted = (int) Math.min(max, left);
    int count = 0;
    while (count < wanted) {
      Frame frame = pool.acquire(length, into[count]);
      if (frame == null) {
        break;
      }
      make(frame);
      into[count++] = frame;
    }
    left -= count;
    counters.add(Counter.GENERATED, count);
    return count;
  }

  private void make(Frame frame) {
    long at = frame.data;
    MemorySegment.copy(template, 0, memory, at, length);
    memory.set(INT, at + SOURCE_ADDRESS, 0x0a000000 + flow);
    memory.set(SHORT, at + SOURCE_PORT, (short) (1024 + flow % PORTS));
    memory.set(SHORT, at + CHECKSUM, (short) Checksum.of(memory, at + ETHERNET, IPV4));
    frame.timestamp = sequence;
    frame.nanos = sequence;
    frame.ingress = 1;
    frame.sequence = sequence++;
    flow = flow + 1 == flows ? 0 : flow + 1;
  }

  @Override
  public boolean ended() {
    return left == 0;
  }
}
