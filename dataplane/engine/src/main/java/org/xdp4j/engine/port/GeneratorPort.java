package org.xdp4j.engine.port;

import java.util.List;
import java.util.stream.IntStream;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * Makes frames as {@link GeneratorOptions} say; those sent to it are gone. Queue {@code i} of
 * {@code n} makes every {@code n}th of all frames, at an {@code n}th of the rate.
 */
public final class GeneratorPort extends AbstractPort {
  private final List<GeneratorQueue> queues;

  /**
   * Makes one.
   *
   * @param queues as many as there are workers
   * @param region where frames are
   */
  public GeneratorPort(PortIdentity identity, int queues, GeneratorOptions options, Region region) {
    super(identity);
    this.queues =
        IntStream.range(0, queues)
            .mapToObj(i -> new GeneratorQueue(identity.ifindex(), i, queues, options, region))
            .toList();
  }

  @Override
  protected List<GeneratorQueue> all() {
    return queues;
  }

  @Override
  public boolean ended() {
    return queues.stream().allMatch(queue -> queue.ended);
  }

  private static final class GeneratorQueue extends SourceQueue {
    private final int ifindex;
    private final TrafficPattern pattern;
    private final Pacer pacer;
    private final BatchClock clock = new BatchClock();
    private long left;
    private volatile boolean ended;

    GeneratorQueue(int ifindex, int number, int queues, GeneratorOptions options, Region region) {
      this.ifindex = ifindex;
      this.pattern = new TrafficPattern(options, number, queues, region);
      this.pacer = new Pacer(share(options.pace(), queues));
      this.left = options.frames() / queues + (number < options.frames() % queues ? 1 : 0);
      this.ended = left == 0;
    }

    private static Pace share(Pace pace, int queues) {
      return pace instanceof Pace.Rate rate ? new Pace.Rate(rate.framesPerSecond() / queues) : pace;
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      int wanted = (int) Math.min(max, left);
      if (wanted == 0) {
        return 0;
      }
      clock.read();
      int count = 0;
      long bytes = 0;
      while (count < wanted && pacer.isDue(0, clock.nanos())) {
        Frame frame = pool.acquire(pattern.nextLength(), into[count]);
        if (frame == null) {
          break;
        }
        into[count] = frame;
        pacer.sent();
        pattern.fill(frame);
        clock.stamp(frame);
        frame.ingress = ifindex;
        bytes += frame.length();
        count++;
      }
      if (count > 0) {
        left -= count;
        ended = left == 0;
        counters().received(count, bytes);
      }
      return count;
    }

    @Override
    public void drain(FramePool pool) {
      left = 0;
      ended = true;
    }
  }
}
