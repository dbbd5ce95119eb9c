package org.xdp4j.daemon.config.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong with one file. */
public final class Problems {
  /** More than a person reads; what a hostile file costs is bounded. */
  public static final int MAX = 1000;

  private final String file;
  private final List<Problem> found = new ArrayList<>();
  private final Set<Problem> seen = new HashSet<>();

  /** Begins with none. */
  public Problems(String file) {
    this.file = file;
  }

  /** The file's name, as the user wrote it. */
  public String file() {
    return file;
  }

  /** Adds one. */
  public void add(Place place, String path, String reason, String advice) {
    Problem problem = new Problem(file, place, path, oneLine(reason), oneLine(advice));
    if (found.size() < MAX && seen.add(problem)) {
      found.add(problem);
    }
  }

  /** Adds one about another file that this one refers to, without an advice. */
  public void addIn(String otherFile, Place place, String path, String reason) {
    Problem problem = new Problem(otherFile, place, path, oneLine(reason), "");
    if (found.size() < MAX && seen.add(problem)) {
      found.add(problem);
    }
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cntrl}", "?");
  }

  /** How many there are. */
  public int count() {
    return found.size();
  }

  /** All of them in the order of their places, those about this file first. */
  public List<Problem> list() {
    Comparator<Problem> order =
        Comparator.comparing((Problem each) -> !each.file().equals(file))
            .thenComparing(Problem::file)
            .thenComparing(Problem::place);
    return found.stream().sorted(order).toList();
  }
}
