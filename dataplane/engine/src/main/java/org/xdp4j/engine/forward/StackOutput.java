package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.net.stack.Output;
import org.xdp4j.net.stack.PuntReason;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * What a worker does with what its stack gives back. Every packet is a frame. Owned by one worker.
 */
final class StackOutput implements Output {
  /** What is said with a frame that is punted; by reason, so that nothing is made for a frame. */
  private static final String[] PUNTED =
      Arrays.stream(PuntReason.values())
          .map(reason -> "punted: " + reason.label())
          .toArray(String[]::new);

  private final ForwardWorker worker;

  StackOutput(ForwardWorker worker) {
    this.worker = worker;
  }

  @Override
  public boolean hasPort(int port) {
    return worker.egress(port) != null;
  }

  @Override
  public void transmit(PacketBuffer packet, int port) {
    Egress egress = worker.egress(port);
    if (egress == null) {
      worker.drop((Frame) packet, DropReason.PORT_GONE);
    } else {
      egress.add((Frame) packet);
    }
  }

  @Override
  public void transmit(PacketBuffer[] packets, int from, int to, int port) {
    Egress egress = worker.egress(port);
    if (egress == null) {
      for (int i = from; i < to; i++) {
        worker.drop((Frame) packets[i], DropReason.PORT_GONE);
      }
    } else {
      egress.add((Frame[]) packets, from, to);
    }
  }

  @Override
  public void deliver(PacketBuffer packet) {
    worker.sawDelivery((Frame) packet);
    worker.pool.release((Frame) packet);
  }

  @Override
  public void punt(PacketBuffer packet, int port, PuntReason reason) {
    Frame frame = (Frame) packet;
    frame.note = PUNTED[reason.ordinal()];
    worker.sawPunt(frame, reason);
    Egress egress = worker.puntEgress();
    if (egress == null) {
      worker.drop(frame, DropReason.PORT_GONE);
    } else {
      egress.add(frame);
    }
  }

  @Override
  public void drop(PacketBuffer packet, org.xdp4j.net.stack.DropReason reason) {
    Frame frame = (Frame) packet;
    worker.counters.sawStackDrop(reason, frame.length(), worker.now());
    worker.sawStackDrop(frame, reason);
    worker.pool.release(frame);
  }

  @Override
  public PacketBuffer acquire(int length) {
    Frame frame = worker.pool.acquire(length);
    if (frame != null) {
      frame.received = worker.now();
      frame.ingress = 0;
      frame.verdict = Frame.NO_VERDICT;
    }
    return frame;
  }

  @Override
  public void mirror(PacketBuffer packet, int port) {
    Egress egress = worker.mirrorEgress();
    if (egress != null) {
      Frame copy = worker.copy((Frame) packet);
      if (copy != null) {
        egress.add(copy);
      }
    }
  }

  /** Copies a frame's bytes, and what a device is to do with them. */
  static void copy(MemorySegment memory, Frame from, Frame to) {
    MemorySegment.copy(memory, from.data, memory, to.data, from.length());
    to.copyOffload(from);
    to.cutBytes = from.cutBytes;
    to.timestamp = from.timestamp;
    to.nanos = from.nanos;
    to.received = from.received;
    to.ingress = from.ingress;
    to.verdict = from.verdict;
  }
}
