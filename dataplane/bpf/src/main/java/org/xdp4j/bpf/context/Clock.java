package org.xdp4j.bpf.context;

/**
 * What {@code bpf_ktime_get_ns} and its kin read: the machine's monotonic clock, or a capture's
 * time in a replay.
 */
@FunctionalInterface
public interface Clock {
  /** The machine's monotonic clock. */
  Clock SYSTEM = System::nanoTime;

  /** Nanoseconds, never going back. */
  long nanos();
}
