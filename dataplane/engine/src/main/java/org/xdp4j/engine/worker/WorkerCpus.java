package org.xdp4j.engine.worker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Binds workers to a CPU of their own each, when there are as many. */
final class WorkerCpus {
  private final Affinity affinity;
  private final int[] cpus;
  private final List<Integer> bound = Collections.synchronizedList(new ArrayList<>());

  /**
   * @param affinity null to bind nobody
   */
  WorkerCpus(Affinity affinity, int workers) {
    this.affinity = affinity;
    int[] allowed = affinity == null ? new int[0] : affinity.allowed();
    this.cpus = workers <= allowed.length ? allowed : new int[0];
  }

  /** Binds the calling thread, which is this worker's. */
  void bind(int worker) {
    if (worker < cpus.length && affinity.bind(cpus[worker])) {
      bound.add(cpus[worker]);
    }
  }

  /** The CPUs that workers were bound to, in no order. */
  List<Integer> bound() {
    return List.copyOf(bound);
  }
}
