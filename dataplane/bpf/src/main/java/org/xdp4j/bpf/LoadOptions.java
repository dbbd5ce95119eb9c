package org.xdp4j.bpf;

import java.util.Set;

/**
 * How an object is loaded.
 *
 * @param cpus values a key has in per-CPU maps, which is the number of contexts that may run at
 *     once
 * @param interpret run in the checked interpreter instead of compiled code
 * @param asXdp take a program of any section as XDP
 * @param programs the names of the programs to load; empty for every XDP program (every program
 *     with {@code asXdp})
 */
public record LoadOptions(int cpus, boolean interpret, boolean asXdp, Set<String> programs) {
  /** One CPU, compiled, every XDP program. */
  public static LoadOptions defaults() {
    return new LoadOptions(1, false, false, Set.of());
  }
}
