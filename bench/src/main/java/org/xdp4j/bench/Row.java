package org.xdp4j.bench;

/**
 * One line of the table: a workload, our figure and, where there is one, a peer's from the same
 * rounds.
 *
 * @param benchmark as {@code bench/run} names it
 * @param workload what was done
 * @param unit of the figures
 * @param ours by round
 * @param peer who else did it; null when it is measured alone
 * @param theirs by round, interleaved with ours; null when there is no peer or it is missing
 * @param bar the ratio of ours to theirs that is wanted; NaN for none
 * @param missing why the peer has no figure and what would give it one; null when it has
 * @param allocated bytes of heap a frame; NaN where nobody looked
 * @param latency null where it is not measured
 */
record Row(
    String benchmark,
    String workload,
    Unit unit,
    Samples ours,
    String peer,
    Samples theirs,
    double bar,
    String missing,
    double allocated,
    Percentiles latency) {
  /** Ours beside a peer's. */
  static Row of(
      String benchmark,
      String workload,
      Unit unit,
      Samples ours,
      String peer,
      Samples theirs,
      double bar) {
    return new Row(benchmark, workload, unit, ours, peer, theirs, bar, null, Double.NaN, null);
  }

  /** Ours alone. */
  static Row alone(String benchmark, String workload, Unit unit, Samples ours) {
    return of(benchmark, workload, unit, ours, null, null, Double.NaN);
  }

  /** Ours, where the peer is not there. */
  static Row withoutPeer(
      String benchmark, String workload, Unit unit, Samples ours, String peer, String missing) {
    return new Row(
        benchmark, workload, unit, ours, peer, null, Double.NaN, missing, Double.NaN, null);
  }

  /** The same with bytes of heap a frame. */
  Row allocating(double bytes) {
    return new Row(benchmark, workload, unit, ours, peer, theirs, bar, missing, bytes, latency);
  }

  /** The same with latency. */
  Row withLatency(Percentiles percentiles) {
    return new Row(
        benchmark, workload, unit, ours, peer, theirs, bar, missing, allocated, percentiles);
  }

  /** Ours to theirs, round by round; null without a peer's figure. */
  Samples ratio() {
    return theirs == null ? null : ours.over(theirs);
  }

  /** Whether the bar is reached; true where there is none. */
  boolean reached() {
    return Double.isNaN(bar) || theirs == null || unit.reaches(ratio().median(), bar);
  }
}
