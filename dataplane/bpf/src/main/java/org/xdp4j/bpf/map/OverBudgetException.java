package org.xdp4j.bpf.map;

/** A {@link MapBudget} has not as much left as a map needs. */
final class OverBudgetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OverBudgetException(String message) {
    super(message);
  }
}
