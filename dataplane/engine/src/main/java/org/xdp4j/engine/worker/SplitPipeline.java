package org.xdp4j.engine.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.port.Turns;

/**
 * Several workers that share captures by stretches: each takes the next records for itself, runs
 * them from receiving to end, and writes them when all before them are written. No frame changes
 * threads. Frames of one flow may be run at the same time by two workers.
 */
public final class SplitPipeline implements Pipeline {
  private final List<Pipeline> parts;
  private final List<CaptureSource> sources;
  private final Turns turns;
  private final WorkerCpus cpus;
  private volatile Throwable failure;
  private volatile boolean stopped;

  /**
   * Makes one.
   *
   * @param parts what each worker runs, with the source of the same index
   * @param affinity binds each worker to a CPU of its own, when there are as many; null not to
   */
  public SplitPipeline(
      List<Pipeline> parts, List<CaptureSource> sources, Turns turns, Affinity affinity) {
    this.parts = List.copyOf(parts);
    this.sources = List.copyOf(sources);
    this.turns = turns;
    this.cpus = new WorkerCpus(affinity, parts.size());
  }

  @Override
  public void run() {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      int worker = i;
      threads.add(Thread.ofPlatform().name("worker-" + i).daemon().start(() -> runPart(worker)));
    }
    threads.forEach(Threads::join);
    if (failure != null) {
      throw new IllegalStateException("a worker failed", failure);
    }
  }

  private void runPart(int worker) {
    try {
      cpus.bind(worker);
      parts.get(worker).run();
      sources.get(worker).endTurn();
    } catch (Throwable e) {
      failure = e;
      turns.abandon();
      stop();
    } finally {
      sources.get(worker).close();
    }
  }

  @Override
  public List<Integer> boundCpus() {
    return cpus.bound();
  }

  /** Each worker closes its source when it ends; here those are closed that never ran. */
  @Override
  public void close() {
    sources.forEach(CaptureSource::close);
  }

  @Override
  public void stop() {
    stopped = true;
    parts.forEach(Pipeline::stop);
  }

  @Override
  public boolean stopped() {
    return stopped;
  }

  @Override
  public int inFlight() {
    return parts.stream().mapToInt(Pipeline::inFlight).sum();
  }

  @Override
  public Map<Integer, Long> redirected() {
    Map<Integer, Long> sum = new TreeMap<>();
    for (Pipeline part : parts) {
      part.redirected().forEach((ifindex, frames) -> sum.merge(ifindex, frames, Long::sum));
    }
    return sum;
  }

  @Override
  public IOException failure() {
    for (Pipeline part : parts) {
      if (part.failure() != null) {
        return part.failure();
      }
    }
    return null;
  }
}
