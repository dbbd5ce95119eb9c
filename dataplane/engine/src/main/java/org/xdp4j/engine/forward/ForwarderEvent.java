package org.xdp4j.engine.forward;

import java.time.Instant;
import org.xdp4j.engine.port.PortState;

/** Something that happened in a running forwarder. */
public sealed interface ForwarderEvent {
  /** When. */
  Instant time();

  /** A program called {@code bpf_trace_printk}. */
  record Printk(Instant time, int worker, String text) implements ForwarderEvent {}

  /** A program called {@code bpf_perf_event_output}. */
  record Perf(Instant time, String map, int worker, byte[] data) implements ForwarderEvent {}

  /** A program put a record into a ring buffer. */
  record RingRecord(Instant time, String program, String map, byte[] data)
      implements ForwarderEvent {}

  /** A port went up or down, or its interface was deleted or came back. */
  record Link(Instant time, String port, PortState state) implements ForwarderEvent {}

  /** A plan was applied. */
  record Applied(Instant time) implements ForwarderEvent {}

  /** A worker failed: a bug of this program. */
  record WorkerFailed(Instant time, int worker, String reason) implements ForwarderEvent {}
}
