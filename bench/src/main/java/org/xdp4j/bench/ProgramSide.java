package org.xdp4j.bench;

/** One machine that runs a workload's program over the frame, again and again. */
interface ProgramSide extends AutoCloseable {
  /**
   * Runs the program.
   *
   * @return nanoseconds of CPU a run
   */
  double run(int times);

  /**
   * Gives the entry of this number, counted round, of the first map that was filled another value.
   */
  void change(int number);

  @Override
  void close();
}
