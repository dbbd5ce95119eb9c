package org.xdp4j.bench;

import java.nio.file.Path;

/** One benchmark: what {@code bench/run NAME} runs. */
interface Benchmark {
  /** As the command line names it. */
  String name();

  /** What it measures, in a few words. */
  String what();

  /**
   * Measures.
   *
   * @param root the project's top folder
   * @param report gets the figures
   */
  void run(Path root, Report report) throws Exception;
}
