package org.xdp4j.daemon.control.view;

import java.util.List;

/**
 * All figures of one moment. The command line, the API, the metrics and the page show these and no
 * others.
 *
 * @param time the moment (RFC 3339, UTC)
 * @param uptimeSeconds since the data plane was started
 * @param balance what became of all frames
 * @param actions how often programs returned what, in the order of {@code enum xdp_action}
 * @param ports where frames come from and go to
 * @param workers the threads that move them
 * @param drops why frames went no further; reasons nothing was dropped for are missing
 * @param punts frames handed on as not the stack's, by reason
 * @param programs what is attached
 * @param latency how long frames took since the start
 * @param recentLatency the same of the last second, or since figures were last read where that is
 *     longer ago
 */
public record Figures(
    String time,
    double uptimeSeconds,
    Balance balance,
    List<Action> actions,
    List<Port> ports,
    List<Worker> workers,
    List<Drop> drops,
    List<Punt> punts,
    List<Program> programs,
    Latency latency,
    Latency recentLatency) {
  /** Copies its lists. */
  public Figures {
    actions = List.copyOf(actions);
    ports = List.copyOf(ports);
    workers = List.copyOf(workers);
    drops = List.copyOf(drops);
    punts = List.copyOf(punts);
    programs = List.copyOf(programs);
  }

  /**
   * Frames, as of one moment between two rounds of each worker: {@code received + generated =
   * transmitted + delivered + punted + dropped + inFlight + difference}, and the difference is 0.
   * Bytes are without Ethernet's check sequence.
   */
  public record Balance(
      long received,
      long generated,
      long transmitted,
      long delivered,
      long punted,
      long dropped,
      long inFlight,
      long difference,
      long receivedBytes,
      long transmittedBytes) {}

  /**
   * One of the XDP actions.
   *
   * @param action {@code XDP_PASS} and so on; {@code unknown} for codes that are no action
   * @param frames how often programs returned it; of a chain each program counts
   */
  public record Action(String action, long frames) {}

  /**
   * A port.
   *
   * @param port its name
   * @param ifindex the number programs know it by
   * @param mac its hardware address
   * @param mtu bytes of the largest IP packet
   * @param state up, down or gone
   * @param queues how many it has
   * @param program what is attached; null for nothing
   * @param problem why it cannot do its work, part of a sentence; null when it can
   * @param receiveErrors frames that could not be taken in
   * @param receiveNoBuffer frames there was no buffer for
   * @param receivePartialChecksums frames taken to have come with a checksum left to a device,
   *     which is completed when they leave
   * @param transmitErrors frames the system refused to send
   * @param transmitFull frames there was no room for in its queue
   * @param kernelDrops frames the kernel dropped before they came here, where it tells
   * @param receiveFaults what was done on purpose to frames that came in; null for ports without
   *     faults
   * @param transmitFaults the same for frames that went out
   */
  public record Port(
      String port,
      int ifindex,
      String mac,
      int mtu,
      String state,
      int queues,
      String program,
      String problem,
      long receivedFrames,
      long receivedBytes,
      long receiveErrors,
      long receiveNoBuffer,
      long receivePartialChecksums,
      long transmittedFrames,
      long transmittedBytes,
      long transmitErrors,
      long transmitFull,
      long kernelDrops,
      Faults receiveFaults,
      Faults transmitFaults) {}

  /**
   * What a port that makes faults did to frames of one direction.
   *
   * @param lost frames dropped
   * @param duplicated copies made
   * @param corrupted frames with a bit the other way round
   * @param reordered frames that others were let pass
   * @param delayed frames that were kept for a while
   */
  public record Faults(long lost, long duplicated, long corrupted, long reordered, long delayed) {}

  /**
   * A worker.
   *
   * @param worker its number, from 0
   * @param active whether frames come to it; else a reload left it without
   * @param cpu the processor it is bound to; null for any
   * @param receivedFrames what its queues and rings gave it
   * @param rounds passes over its queues and rings
   * @param busyRounds those that found something to do
   * @param busySeconds time spent in those
   * @param seconds time since it began
   * @param poolFrames frames of its pool
   * @param poolOut of them, those that are in use
   * @param waiting frames in rings on their way to it
   * @param held packets that wait for a neighbour
   * @param failure what ended it before its time; null for nothing
   */
  public record Worker(
      int worker,
      boolean active,
      Integer cpu,
      long receivedFrames,
      long rounds,
      long busyRounds,
      double busySeconds,
      double seconds,
      long poolFrames,
      long poolOut,
      long waiting,
      long held,
      String failure) {}

  /**
   * A reason.
   *
   * @param reason its short name, unique together with {@code by}
   * @param by who dropped: engine or stack
   * @param sentence the reason in words
   * @param lastSeen when a frame was last dropped for it (RFC 3339, UTC); null when nobody knows
   */
  public record Drop(String reason, String by, String sentence, long frames, String lastSeen) {}

  /** Frames handed on for one reason. */
  public record Punt(String reason, long frames) {}

  /**
   * A program; one for each of a chain.
   *
   * @param program what it is called here
   * @param function its own name
   * @param object the file it came from
   * @param ports where it is attached
   * @param since when this version of it was attached (RFC 3339, UTC)
   * @param instructions how many it has
   * @param runs how often it returned what
   * @param faults runs that ended in a fault of the machine
   * @param earlierRuns what versions before it, of the same name and function, returned how often
   * @param earlierFaults their runs that ended in a fault of the machine
   */
  public record Program(
      String program,
      String function,
      String object,
      List<String> ports,
      String since,
      int instructions,
      List<Action> runs,
      long faults,
      List<Action> earlierRuns,
      long earlierFaults) {}

  /** From receiving a batch to having handed its frames on, nanoseconds. */
  public record Latency(
      long count,
      double meanNanos,
      long p50Nanos,
      long p90Nanos,
      long p99Nanos,
      long p999Nanos,
      long p9999Nanos,
      long maxNanos) {}
}
