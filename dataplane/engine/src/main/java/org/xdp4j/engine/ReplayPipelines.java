package org.xdp4j.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.CaptureOutput;
import org.xdp4j.engine.port.CaptureRecords;
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.port.StretchOutput;
import org.xdp4j.engine.port.Transmitter;
import org.xdp4j.engine.port.Turns;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.engine.worker.BatchProgram;
import org.xdp4j.engine.worker.DirectPipeline;
import org.xdp4j.engine.worker.Egress;
import org.xdp4j.engine.worker.InOrderPipeline;
import org.xdp4j.engine.worker.InPlacePipeline;
import org.xdp4j.engine.worker.ParallelPipeline;
import org.xdp4j.engine.worker.Pipeline;
import org.xdp4j.engine.worker.RxHash;
import org.xdp4j.engine.worker.SplitPipeline;

/**
 * Puts a replay's pipeline together, in one of four ways of sharing the work: one worker does all;
 * workers are fed frames by flow, or take turns with these; workers share the captures by
 * stretches. Makes one pipeline, and holds what that needs.
 */
final class ReplayPipelines {
  private final ReplayOptions options;
  private final BatchProgram run;
  private final boolean mayMoveFrame;
  private final boolean inOrder;
  private final Region region;
  private final CaptureOutput out;
  private final CaptureOutput dropped;
  private final List<Counters> workerCounters = new ArrayList<>();
  private final List<Counters> extraCounters = new ArrayList<>();
  private final List<FramePool> pools = new ArrayList<>();
  private final List<StretchOutput> stretches = new ArrayList<>();

  /**
   * @param inOrder whether each frame is run after those before it, also by several workers
   * @param out null to write nothing
   * @param dropped null likewise
   */
  ReplayPipelines(
      ReplayOptions options,
      BatchProgram run,
      boolean mayMoveFrame,
      boolean inOrder,
      Region region,
      CaptureOutput out,
      CaptureOutput dropped) {
    this.options = options;
    this.run = run;
    this.mayMoveFrame = mayMoveFrame;
    this.inOrder = inOrder;
    this.region = region;
    this.out = out;
    this.dropped = dropped;
  }

  /** A context for each worker. */
  List<XdpContext> contexts(EventSink events) {
    List<XdpContext> contexts = new ArrayList<>();
    for (int cpu = 0; cpu < options.workers(); cpu++) {
      XdpContext context = new XdpContext(region, cpu);
      context.frameTime = options.captureTime();
      context.events = events;
      context.flowHash = new RxHash();
      contexts.add(context);
    }
    return contexts;
  }

  /**
   * One worker, or several that are fed from one source.
   *
   * @param own the source's counters
   */
  Pipeline of(CaptureSource source, Counters own, List<XdpContext> contexts) {
    if (contexts.size() == 1) {
      workerCounters.add(own);
      return part(source, contexts.getFirst(), own, out, dropped);
    }
    countFor(contexts.size());
    Egress egress = new Egress(out, dropped, own);
    if (inOrder) {
      FramePool pool = pool(DirectPipeline.poolSize());
      return new InOrderPipeline(source, run, contexts, workerCounters, egress, pool);
    }
    FramePool pool = pool(ParallelPipeline.poolSize(contexts.size()));
    return new ParallelPipeline(source, run, contexts, workerCounters, egress, pool, affinity());
  }

  /** Several workers that share the captures by stretches. */
  Pipeline split(CaptureRecords captures, List<XdpContext> contexts) {
    countFor(contexts.size());
    Turns turns = new Turns();
    List<Pipeline> parts = new ArrayList<>();
    List<CaptureSource> sources = new ArrayList<>();
    for (int i = 0; i < contexts.size(); i++) {
      StretchOutput goingOn = stretch(out);
      StretchOutput droppedOnes = stretch(dropped);
      Counters counts = workerCounters.get(i);
      CaptureSource from =
          CaptureSource.share(captures, region, counts, turns, () -> write(goingOn, droppedOnes));
      sources.add(from);
      parts.add(part(from, contexts.get(i), counts, goingOn, droppedOnes));
    }
    return new SplitPipeline(parts, sources, turns, affinity());
  }

  private void countFor(int workers) {
    for (int i = 0; i < workers; i++) {
      workerCounters.add(new Counters());
    }
    extraCounters.addAll(workerCounters);
  }

  private Affinity affinity() {
    return options.pin() ? Affinity.ofSystem().orElse(null) : null;
  }

  /** One worker that runs frames from receiving to end. */
  private Pipeline part(
      CaptureSource from,
      XdpContext context,
      Counters counts,
      Transmitter goingOn,
      Transmitter droppedOnes) {
    if (!mayMoveFrame && from.readsInPlace()) {
      return new InPlacePipeline(from, run, context, counts, goingOn, droppedOnes);
    }
    Egress egress = new Egress(goingOn, droppedOnes, counts);
    FramePool pool = pool(DirectPipeline.poolSize());
    return new DirectPipeline(from, run, context, counts, egress, pool);
  }

  private StretchOutput stretch(CaptureOutput behind) {
    if (behind == null) {
      return null;
    }
    StretchOutput stretch = new StretchOutput(behind, region);
    stretches.add(stretch);
    return stretch;
  }

  private static void write(StretchOutput... outputs) {
    for (StretchOutput output : outputs) {
      if (output != null) {
        output.write();
      }
    }
  }

  private FramePool pool(int frames) {
    FramePool pool = new FramePool(region, frames);
    pools.add(pool);
    return pool;
  }

  /** Each worker's counters. */
  List<Counters> workerCounters() {
    return workerCounters;
  }

  /** Those of them that are not the source's own. */
  List<Counters> extraCounters() {
    return extraCounters;
  }

  /** Why a worker's output could not be written; null when it could. */
  IOException failure() {
    return stretches.stream()
        .map(StretchOutput::failure)
        .filter(failure -> failure != null)
        .findFirst()
        .orElse(null);
  }

  /** Gives back the pools that hold no frame under way. */
  void close() {
    for (FramePool pool : pools) {
      if (pool.inUse() == 0) {
        pool.close();
      }
    }
  }
}
