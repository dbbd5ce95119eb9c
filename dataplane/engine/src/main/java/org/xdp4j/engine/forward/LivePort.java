package org.xdp4j.engine.forward;

import java.util.List;
import java.util.stream.IntStream;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortState;

/** An open port, and what is attached to it. Made and closed by the control. */
final class LivePort {
  final PortPlan plan;
  final Port port;
  final int ifindex;

  /** What runs on its frames; null for nothing. Read by workers once a batch. */
  volatile Attachment attachment;

  /** As it was when it was last looked at; the watching thread's own. */
  PortState seen = PortState.UP;

  /** How many workers there were when it was opened. */
  private final int openedFor;

  /** By worker: copies of what it got from here of late. */
  private final List<FrameSamples> samples;

  /**
   * Makes one.
   *
   * @param workers how many there are
   * @param most how many there may come to be
   */
  LivePort(PortPlan plan, Port port, int workers, int most) {
    this.plan = plan;
    this.port = port;
    this.ifindex = port.ifindex();
    this.openedFor = workers;
    this.samples =
        IntStream.range(0, most).mapToObj(each -> new FrameSamples(ifindex, each)).toList();
  }

  List<FrameSamples> samples() {
    return samples;
  }

  String name() {
    return port.name();
  }

  /** Whether every one of so many workers owns a queue, and so gets frames by itself. */
  boolean feedsAll(int workers) {
    return queues().map(queue -> owner(queue, workers)).distinct().count() >= workers;
  }

  /**
   * The worker that owns a queue. Ports with fewer queues than workers begin with different
   * workers, so that several of them keep several workers busy.
   */
  int owner(int queue, int workers) {
    int among = port.ownersChange() ? workers : openedFor;
    return port.queues() < among ? (queue + ifindex) % among : queue % among;
  }

  /** Whether so many workers can have all its queues. */
  boolean isFor(int workers) {
    return queues().allMatch(queue -> owner(queue, workers) < workers);
  }

  private IntStream queues() {
    return IntStream.range(0, port.queues());
  }

  /** The queue a worker sends to: its first own, or another's when it has none. */
  int transmitQueue(int worker, int workers) {
    return queues()
        .filter(queue -> owner(queue, workers) == worker)
        .findFirst()
        .orElse(worker % port.queues());
  }
}
