package org.xdp4j.daemon.cli;

import org.xdp4j.daemon.config.schema.Problem;

/** Mistakes in configuration files, as compilers show them. */
final class ConfigProblems {
  private ConfigProblems() {}

  static String text(Problem problem, Style style) {
    String path = problem.path().isEmpty() ? "" : problem.path() + ": ";
    String advice = problem.advice().isEmpty() ? "" : "; " + problem.advice();
    return style.strong(problem.file() + ":" + problem.place() + ":")
        + " "
        + path
        + problem.reason()
        + advice;
  }
}
