package org.xdp4j.bench;

/** One machine that runs a workload's program over the frame, again and again. */
interface ProgramSide extends AutoCloseable {
  /**
   * Runs the program.
   *
   * @return nanoseconds of CPU a run
   */
  double run(int times);

  @Override
  void close();
}
