package org.xdp4j.daemon.config;

import java.util.List;
import org.xdp4j.daemon.config.schema.Problem;

/** A configuration file cannot be used, for all these reasons. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  ConfigException(List<Problem> problems) {
    super(sentence(problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  private static String sentence(List<Problem> problems) {
    int more = problems.size() - 1;
    return problems.getFirst()
        + (more == 0 ? "" : " (and " + more + (more == 1 ? " more mistake)" : " more mistakes)"));
  }

  /** Every mistake, in the order of their places. */
  public List<Problem> problems() {
    return problems;
  }
}
