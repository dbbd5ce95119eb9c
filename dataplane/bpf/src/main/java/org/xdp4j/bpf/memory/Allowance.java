package org.xdp4j.bpf.memory;

/** How much memory may be taken. Any thread. */
public interface Allowance {
  /** No limit. */
  Allowance UNLIMITED =
      new Allowance() {
        @Override
        public boolean tryTake(long bytes) {
          return true;
        }

        @Override
        public void give(long bytes) {}
      };

  /** Takes {@code bytes}; false, nothing taken, when there is not as much left. */
  boolean tryTake(long bytes);

  /** Gives back what was taken. */
  void give(long bytes);
}
