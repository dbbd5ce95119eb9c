package org.xdp4j.bench;

import java.io.PrintStream;
import java.nio.file.Path;

/** One benchmark: what {@code bench/run NAME} runs. */
interface Benchmark {
  /** As the command line names it. */
  String name();

  /**
   * Measures and prints.
   *
   * @param root the project's top folder
   */
  void run(Path root, PrintStream out) throws Exception;
}
