package org.xdp4j.bpf.context;

/**
 * Where a program's text and perf events go. Called on the worker's thread; what it is given is
 * only valid during the call.
 */
public interface EventSink {
  /** Drops everything. */
  EventSink NONE =
      new EventSink() {
        @Override
        public void printk(int cpu, String text) {}

        @Override
        public boolean perfEvent(String map, int cpu, byte[] data) {
          return true;
        }
      };

  /** One call of {@code bpf_trace_printk}. */
  void printk(int cpu, String text);

  /**
   * One call of {@code bpf_stream_vprintk}; printed as {@link #printk} text by those who keep no
   * streams apart.
   *
   * @param stream 1 for the program's standard output, 2 for its standard error
   */
  default void stream(int cpu, int stream, String text) {
    printk(cpu, text);
  }

  /**
   * One call of {@code bpf_perf_event_output}.
   *
   * @return false when there was no room, which the program sees as -ENOSPC
   */
  boolean perfEvent(String map, int cpu, byte[] data);
}
