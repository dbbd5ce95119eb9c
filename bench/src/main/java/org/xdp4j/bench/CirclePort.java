package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.FrameRing;
import org.xdp4j.engine.plan.PortMaker;
import org.xdp4j.engine.port.PlainQueue;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.IpAddress;

/**
 * One of two ports of a circle: what leaves by the one comes in by the other again, by reference,
 * as a frame to the next destination. There is a circle a worker, which has a queue of each port.
 */
final class CirclePort {
  static final long ROUTER = 0x02_00_00_00_01_00L;

  private static final int FRAMES = 512;
  private static final int ETHERNET = 14;
  private static final int[] IMIX = {60, 566, 60, 60, 566, 60, 60, 1514, 60, 566, 60, 566};
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private CirclePort() {}

  /** The frames, and where they go next. */
  static final class Circle {
    private final boolean ipv6;
    private final boolean imix;
    private final long[] high;
    private final long[] low;
    private final short[] checksums;
    private final FrameRing ring = new FrameRing(FRAMES);
    private MemorySegment memory;
    private int made;
    private int next;
    private final FrameGate gate = new FrameGate(true);

    Circle(IpAddress[] destinations, boolean ipv6, boolean imix) {
      this.ipv6 = ipv6;
      this.imix = imix;
      high = new long[destinations.length];
      low = new long[destinations.length];
      checksums = new short[destinations.length];
      for (int i = 0; i < destinations.length; i++) {
        high[i] = ipv6 ? destinations[i].high() : destinations[i].ipv4();
        low[i] = destinations[i].low();
      }
    }

    /** Lets frames go round, or not. */
    FrameGate gate() {
      return gate;
    }

    private In in(int ifindex, Region region) {
      memory = region.segment();
      return new In(this, ifindex);
    }

    private Out out(Region region) {
      memory = region.segment();
      return new Out(this);
    }

    private void make(FramePool pool) {
      while (made < FRAMES) {
        int length = imix ? IMIX[made % IMIX.length] : 60;
        Frame frame = pool.acquire(length);
        memory.asSlice(frame.data, length).fill((byte) 0);
        memory.set(LONG, frame.data + 4, 0x0100_0200_0000_0202L);
        memory.set(SHORT, frame.data + 12, (short) (ipv6 ? 0x86dd : 0x0800));
        long ip = frame.data + ETHERNET;
        if (ipv6) {
          memory.set(LONG, ip, 0x6000_0000_0000_1140L | (long) (length - 54) << 16);
          memory.set(LONG, ip + 8, 0xfd00_0001_0000_0000L);
          memory.set(LONG, ip + 16, 2);
        } else {
          memory.set(INT, ip, 0x4500_0000 | length - ETHERNET);
          memory.set(INT, ip + 8, 0x4011_0000);
          memory.set(INT, ip + 12, 0x0a00_0102);
        }
        if (made++ == 0 && !ipv6 && !imix) {
          prepareChecksums(frame.data + ETHERNET);
        }
        ring.offer(frame);
      }
    }

    private void prepareChecksums(long ip) {
      for (int i = 0; i < high.length; i++) {
        memory.set(INT, ip + 8, 0x4011_0000);
        memory.set(INT, ip + 16, (int) high[i]);
        checksums[i] = (short) Checksum.of(memory, ip, 20);
      }
    }

    /** Makes frames that went round ones to the next destinations. */
    private void address(Frame[] frames, int count, int ifindex) {
      int i = next;
      for (int k = 0; k < count; k++) {
        Frame frame = frames[k];
        address(frame.data, i);
        frame.ingress = ifindex;
        i = i + 1 == high.length ? 0 : i + 1;
      }
      next = i;
    }

    private void address(long at, int i) {
      memory.set(LONG, at, ROUTER << 16 | 0x0200);
      long ip = at + ETHERNET;
      if (ipv6) {
        memory.set(ValueLayout.JAVA_BYTE, ip + 7, (byte) 64);
        memory.set(LONG, ip + 24, high[i]);
        memory.set(LONG, ip + 32, low[i]);
      } else {
        memory.set(INT, ip + 16, (int) high[i]);
        memory.set(INT, ip + 8, 0x4011_0000);
        memory.set(SHORT, ip + 10, imix ? (short) Checksum.of(memory, ip, 20) : checksums[i]);
      }
    }
  }

  /** The port that frames come in by, a queue a circle. */
  static PortMaker in(List<Circle> circles) {
    return (settings, queues, region) ->
        new BenchPort(
            settings,
            circles.stream().map(circle -> circle.in(settings.ifindex(), region)).toList());
  }

  /** The port that frames leave by, a queue a circle. */
  static PortMaker out(List<Circle> circles) {
    return (settings, queues, region) ->
        new BenchPort(settings, circles.stream().map(circle -> circle.out(region)).toList());
  }

  private static final class In extends PlainQueue {
    private final Circle circle;
    private final int ifindex;

    In(Circle circle, int ifindex) {
      this.circle = circle;
      this.ifindex = ifindex;
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      if (circle.made == 0) {
        circle.make(pool);
      }
      int count = circle.gate.isOpen() ? circle.ring.poll(into, 0, max) : 0;
      circle.address(into, count, ifindex);
      return count;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      return 0;
    }

    @Override
    public void drain(FramePool pool) {
      Frame[] one = new Frame[1];
      while (circle.ring.poll(one, 0, 1) > 0) {
        pool.release(one[0]);
      }
    }
  }

  private static final class Out extends PlainQueue {
    private final Circle circle;

    Out(Circle circle) {
      this.circle = circle;
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      int taken = circle.ring.offer(frames, 0, count);
      circle.gate.count(taken);
      return taken;
    }
  }
}
