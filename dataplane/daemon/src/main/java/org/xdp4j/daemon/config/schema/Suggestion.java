package org.xdp4j.daemon.config.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Guesses what somebody meant to write. */
public final class Suggestion {
  private static final int MAX_LISTED = 12;
  private static final int MAX_LENGTH = 64;

  private Suggestion() {}

  /** Advice for a name that is none of the known ones: the nearest, or all when they are few. */
  public static String of(String written, Collection<String> known) {
    Optional<String> near = nearest(written, known);
    if (near.isPresent()) {
      return "did you mean " + near.get() + "?";
    }
    if (known.isEmpty()) {
      return "";
    }
    String list = known.stream().sorted().limit(MAX_LISTED).collect(Collectors.joining(", "));
    return "known: " + list + (known.size() > MAX_LISTED ? ", ..." : "");
  }

  /** The known name nearest to a written one, if any is near. */
  static Optional<String> nearest(String written, Collection<String> known) {
    String plain = plain(written);
    if (plain.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    int limit = plain.length() / 3;
    return known.stream()
        .filter(name -> distance(plain, plain(name)) <= limit)
        .min(Comparator.comparingInt(name -> distance(plain, plain(name))));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Insertions, deletions, replacements and exchanges of neighbours between two words. */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : step(a, b, i, j, cost);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(String a, String b, int i, int j, int[][] cost) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int best = cost[i - 1][j - 1] + (same ? 0 : 1);
    best = Math.min(best, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
    boolean exchanged =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return exchanged ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
