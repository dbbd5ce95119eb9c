package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.PortCounters;
import org.xdp4j.engine.port.PortQueue;

/**
 * A worker's part of a layout: the queues it owns, which frames come in through, and its ways out
 * of all ports. Made anew with each layout. Owned by that worker.
 */
final class WorkerPorts {
  /**
   * A queue that frames come in through.
   *
   * @param dealt whether they are dealt out to all workers, since some own no queue of the port
   */
  record Inlet(LivePort port, int number, PortQueue queue, boolean dealt, FrameSamples samples) {}

  final Layout layout;
  final Inlet[] inlets;

  /** Those of them that something is received from. */
  final Inlet[] sources;

  final PortQueue[] queues;

  /** The way out to the punt port; null for none. */
  final Egress punt;

  private final ForwardWorker worker;
  private final Egress[] byIndex;
  private final Egress[] all;

  /** What queues had lost when last looked. */
  private long seenFailed;

  private long seenNoBuffer;
  private long seenSpoiled;

  WorkerPorts(ForwardWorker worker, Layout layout) {
    this.worker = worker;
    this.layout = layout;
    int workers = layout.workers();
    List<Egress> outs = new ArrayList<>();
    List<Inlet> ins = new ArrayList<>();
    byIndex = new Egress[layout.byIndex().length];
    for (LivePort port : layout.ports()) {
      byIndex[port.ifindex] = egress(port, false, workers);
      outs.add(byIndex[port.ifindex]);
      boolean dealt = !port.feedsAll(workers);
      FrameSamples samples = port.samples().get(worker.number);
      for (int queue : owned(port, workers)) {
        ins.add(new Inlet(port, queue, port.port.queue(queue), dealt, samples));
      }
    }
    LivePort puntPort = layout.port(layout.punt());
    punt = puntPort == null ? null : egress(puntPort, true, workers);
    if (punt != null) {
      outs.add(punt);
    }
    all = outs.toArray(new Egress[0]);
    inlets = ins.toArray(new Inlet[0]);
    sources = ins.stream().filter(in -> !layout.sendOnly().contains(in.port)).toArray(Inlet[]::new);
    queues = ins.stream().map(Inlet::queue).toArray(PortQueue[]::new);
    seenFailed = failedInAll();
    seenNoBuffer = noBufferInAll();
    seenSpoiled = spoiledInAll();
  }

  private int[] owned(LivePort port, int workers) {
    return IntStream.range(0, port.port.queues())
        .filter(queue -> port.owner(queue, workers) == worker.number)
        .toArray();
  }

  private Egress egress(LivePort port, boolean punts, int workers) {
    int queue = port.transmitQueue(worker.number, workers);
    int owner = port.owner(queue, workers);
    return owner == worker.number
        ? new Egress(worker, port, port.port.queue(queue), null, owner, punts)
        : new Egress(
            worker, port, null, worker.shared().rings().ring(worker.number, owner), owner, punts);
  }

  /** The way out of the port with this interface index, or null. */
  Egress egress(int ifindex) {
    return ifindex > 0 && ifindex < byIndex.length ? byIndex[ifindex] : null;
  }

  /** Hands on what was collected, and lets queues do what they held back; how much it was. */
  int flush(FramePool pool) {
    int work = 0;
    for (Egress egress : all) {
      work += egress.flush();
    }
    for (PortQueue queue : queues) {
      work += queue.poll(pool);
    }
    return work;
  }

  /** Sees whether queues lost frames since it last looked, which they count and say to nobody. */
  void notice(WorkerCounters counters, long now) {
    long failed = failedInAll();
    if (failed != seenFailed) {
      seenFailed = failed;
      counters.saw(DropReason.TRANSMIT_FAILED, now);
    }
    long noBuffer = noBufferInAll();
    if (noBuffer != seenNoBuffer) {
      seenNoBuffer = noBuffer;
      counters.saw(DropReason.NO_BUFFER, now);
    }
    long spoiled = spoiledInAll();
    if (spoiled != seenSpoiled) {
      seenSpoiled = spoiled;
      counters.saw(DropReason.FAULT_LOSS, now);
    }
  }

  private long failedInAll() {
    long sum = 0;
    for (Inlet inlet : inlets) {
      sum += inlet.queue.counters().txErrors();
    }
    return sum;
  }

  private long noBufferInAll() {
    long sum = 0;
    for (Inlet inlet : inlets) {
      sum += inlet.queue.counters().rxNoBuffer();
    }
    return sum;
  }

  private long spoiledInAll() {
    long sum = 0;
    for (Inlet inlet : inlets) {
      PortCounters queue = inlet.queue.counters();
      sum += queue.rxLost() + queue.txLost();
    }
    return sum;
  }

  /**
   * Ends this worker's queues of ports that the next layout does not have, and lets go of those
   * that are another's then: what was counted there until now stays this worker's.
   */
  void retire(Layout next, FramePool pool, WorkerCounters counters) {
    notice(counters, System.nanoTime());
    for (Inlet inlet : inlets) {
      Total errors = isPunts(inlet) ? Total.RETIRED_PUNT_ERRORS : Total.RETIRED_ERRORS;
      boolean willPunt = next.port(next.punt()) == inlet.port;
      boolean gone = next.port(inlet.port.ifindex) != inlet.port;
      if (gone) {
        inlet.queue.drain(pool);
      }
      if (gone || !isOwn(inlet, next)) {
        counters.add(errors, failed(inlet));
        addTo(counters, inlet.queue.counters(), 1);
      } else if (willPunt != isPunts(inlet)) {
        // What failed until now stays what it was, though the queue's own count goes on.
        Total others = willPunt ? Total.RETIRED_PUNT_ERRORS : Total.RETIRED_ERRORS;
        counters.add(errors, failed(inlet));
        counters.add(others, -failed(inlet));
      }
    }
  }

  /**
   * Takes over queues that were another worker's in the layout before, which has let go of them:
   * what was counted there until now is that worker's.
   */
  void takeOver(Layout before, WorkerCounters counters) {
    for (Inlet inlet : inlets) {
      if (before.port(inlet.port.ifindex) == inlet.port && !isOwn(inlet, before)) {
        Total errors = isPunts(inlet) ? Total.RETIRED_PUNT_ERRORS : Total.RETIRED_ERRORS;
        counters.add(errors, -failed(inlet));
        addTo(counters, inlet.queue.counters(), -1);
      }
    }
  }

  /** Frames its queue took and did not send: less those that were copies. */
  private static long failed(Inlet inlet) {
    PortCounters queue = inlet.queue.counters();
    return queue.txErrors() + queue.txLost() - queue.txDoubled();
  }

  private static void addTo(WorkerCounters counters, PortCounters queue, int sign) {
    counters.add(Total.RETIRED_NO_BUFFER, sign * queue.rxNoBuffer());
    counters.add(Total.RETIRED_RX_LOST, sign * queue.rxLost());
    counters.add(Total.RETIRED_RX_DOUBLED, sign * queue.rxDoubled());
    counters.add(Total.RETIRED_TX_LOST, sign * queue.txLost());
    counters.add(Total.RETIRED_TX_DOUBLED, sign * queue.txDoubled());
  }

  private boolean isOwn(Inlet inlet, Layout in) {
    return in.workers() > 0 && inlet.port.owner(inlet.number, in.workers()) == worker.number;
  }

  private boolean isPunts(Inlet inlet) {
    return punt != null && punt.port == inlet.port;
  }

  /** Frames that are collected to be handed on. */
  long collected() {
    long sum = 0;
    for (Egress egress : all) {
      sum += egress.count();
    }
    return sum;
  }

  /** What its queues did not send of what they took, and lost of what came, up to now. */
  Unsent unsent() {
    long held = 0;
    long errors = 0;
    long puntErrors = 0;
    long noBuffer = 0;
    long rxLost = 0;
    long rxDoubled = 0;
    long txLost = 0;
    long txDoubled = 0;
    for (Inlet inlet : inlets) {
      PortCounters queue = inlet.queue.counters();
      held += inlet.queue.inFlight();
      errors += isPunts(inlet) ? 0 : failed(inlet);
      puntErrors += isPunts(inlet) ? failed(inlet) : 0;
      noBuffer += queue.rxNoBuffer();
      rxLost += queue.rxLost();
      rxDoubled += queue.rxDoubled();
      txLost += queue.txLost();
      txDoubled += queue.txDoubled();
    }
    return new Unsent(held, errors, puntErrors, noBuffer, rxLost, rxDoubled, txLost, txDoubled);
  }

  /**
   * Frames of queues.
   *
   * @param held taken, and not sent yet
   * @param errors taken, and given up or lost, less copies made of others
   * @param puntErrors the same of the punt port
   * @param noBuffer lost for want of a buffer
   * @param rxLost came in, and lost on purpose
   * @param rxDoubled copies made on purpose of frames that came in
   * @param txLost taken, and lost on purpose
   * @param txDoubled copies made on purpose of frames taken
   */
  record Unsent(
      long held,
      long errors,
      long puntErrors,
      long noBuffer,
      long rxLost,
      long rxDoubled,
      long txLost,
      long txDoubled) {}
}
