package org.xdp4j.engine.port;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.jctools.queues.varhandle.SpmcVarHandleArrayQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * One end of a wire without a device: what goes out of queue {@code i} of one end comes in through
 * queue {@code i} of the other, in the same order, with what was left to a device still to be done.
 * The ends may belong to different threads.
 *
 * <pre>
 *  end a, queue i                                    end b, queue i
 *    transmit -> ring of frames on their way         -> receive: copied into a frame of b's pool
 *    poll     <- ring of frames that were copied     <-          a's frame goes back
 * </pre>
 *
 * <p>So each thread's frames stay in its own pool. A full ring takes no more, as a device would.
 */
public final class LoopbackPort extends AbstractPort {
  private final List<LoopbackQueue> queues;
  private final LoopbackPort[] ends;
  private volatile boolean closed;

  private LoopbackPort(PortIdentity identity, List<LoopbackQueue> queues, LoopbackPort[] ends) {
    super(identity);
    this.queues = queues;
    this.ends = ends;
  }

  /** The two ends of a wire. */
  public record Pair(LoopbackPort a, LoopbackPort b) {}

  /**
   * Makes a wire.
   *
   * @param queues of each end
   * @param capacity frames that can be on their way through a queue in each direction
   * @param region where the frames of both ends are
   */
  public static Pair pair(PortIdentity a, PortIdentity b, int queues, int capacity, Region region) {
    LoopbackPort[] ends = new LoopbackPort[2];
    List<Wire> there = IntStream.range(0, queues).mapToObj(i -> new Wire(capacity)).toList();
    List<Wire> back = IntStream.range(0, queues).mapToObj(i -> new Wire(capacity)).toList();
    ends[0] = new LoopbackPort(a, queues(a, there, back, region), ends);
    ends[1] = new LoopbackPort(b, queues(b, back, there, region), ends);
    return new Pair(ends[0], ends[1]);
  }

  private static List<LoopbackQueue> queues(
      PortIdentity identity, List<Wire> out, List<Wire> in, Region region) {
    return IntStream.range(0, out.size())
        .mapToObj(i -> new LoopbackQueue(identity.ifindex(), out.get(i), in.get(i), region))
        .toList();
  }

  @Override
  protected List<LoopbackQueue> all() {
    return queues;
  }

  /** What is left to a device is still left to one at the other end. */
  @Override
  public boolean offloads() {
    return true;
  }

  /** A wire with one end closed has no carrier. */
  @Override
  public PortState state() {
    return ends[0].closed || ends[1].closed ? PortState.DOWN : PortState.UP;
  }

  @Override
  public void close() {
    closed = true;
  }

  /**
   * One direction of one queue. What is on its way has two consumers: the receiving end, and the
   * sending one when it ends and takes back what was never received.
   */
  private static final class Wire {
    final int capacity;
    final Queue<Frame> sent;
    final Queue<Frame> copied;
    boolean ended; // the sender's own

    Wire(int capacity) {
      this.capacity = capacity;
      this.sent = new SpmcVarHandleArrayQueue<>(capacity);
      this.copied = new SpscVarHandleArrayQueue<>(capacity);
    }
  }

  private static final class LoopbackQueue implements PortQueue {
    private final int ifindex;
    private final Wire out;
    private final Wire in;
    private final MemorySegment memory;
    private final PortCounters counters = new PortCounters();
    private final BatchClock clock = new BatchClock();
    private int inFlight;

    LoopbackQueue(int ifindex, Wire out, Wire in, Region region) {
      this.ifindex = ifindex;
      this.out = out;
      this.in = in;
      this.memory = region.segment();
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      int count = 0;
      long bytes = 0;
      Frame from;
      while (count < max && (from = in.sent.peek()) != null) {
        int length = from.length();
        Frame frame = pool.acquire(length, into[count]);
        if (frame == null && pool.canHold(length)) {
          break;
        }
        boolean takenBack = in.sent.poll() == null;
        if (takenBack && frame != null && frame != into[count]) {
          pool.release(frame);
          into[count] = null; // it was given back for this one
        }
        if (takenBack) {
          break;
        }
        if (frame == null) {
          counters.noBuffer(1);
        } else {
          copy(from, frame, length, count == 0);
          bytes += length;
          into[count++] = frame;
        }
        in.copied.offer(from); // has room: the sender counts what it has not got back
      }
      if (count > 0) {
        counters.received(count, bytes);
      }
      return count;
    }

    private void copy(Frame from, Frame to, int length, boolean first) {
      if (first) {
        clock.read();
      }
      MemorySegment.copy(memory, from.data, memory, to.data, length);
      to.copyOffload(from);
      to.cutBytes = from.cutBytes;
      to.ingress = ifindex;
      clock.stamp(to);
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      reclaim(pool);
      int taken = 0;
      while (taken < count && inFlight < out.capacity && !out.ended) {
        out.sent.offer(frames[taken++]);
        inFlight++;
      }
      if (taken < count) {
        counters.full(count - taken);
      }
      return taken;
    }

    @Override
    public int poll(FramePool pool) {
      return reclaim(pool);
    }

    private int reclaim(FramePool pool) {
      int count = 0;
      long bytes = 0;
      Frame frame;
      while ((frame = out.copied.poll()) != null) {
        bytes += frame.length();
        pool.release(frame);
        count++;
      }
      if (count > 0) {
        inFlight -= count;
        counters.sent(count, bytes);
      }
      return count;
    }

    @Override
    public void drain(FramePool pool) {
      out.ended = true;
      reclaim(pool);
      Frame frame;
      while ((frame = out.sent.poll()) != null) {
        pool.release(frame);
        inFlight--;
        counters.txError(1);
      }
      // The other end may be copying one right now; it gives it back without waiting for anything.
      while (inFlight > 0) {
        if (reclaim(pool) == 0) {
          Thread.yield();
        }
      }
    }

    @Override
    public int inFlight() {
      return inFlight;
    }

    @Override
    public int descriptor() {
      return -1;
    }

    @Override
    public PortCounters counters() {
      return counters;
    }
  }
}
