package org.xdp4j.daemon.control.view;

import java.util.List;
import java.util.function.Consumer;
import org.xdp4j.engine.forward.DevicePorts;
import org.xdp4j.net.stack.Router;

/**
 * A running data plane. Any thread may call; no call makes a worker wait, those that take long say
 * so.
 */
public interface Dataplane extends AutoCloseable {
  /** All figures now. */
  Figures figures();

  /** The maps of all attached programs. */
  List<MapHandle> maps();

  /** The ports as values of device maps. */
  DevicePorts devicePorts();

  /** The stack's tables. */
  Router router();

  /**
   * Verifies and compiles a program and puts it on a port, between two batches; maps of the same
   * name and shape are kept. Takes long.
   *
   * @param mayReplace whether it may take another's place
   * @throws DataplaneException when the object cannot be used, the program is refused or there is
   *     no such port; everything goes on as before
   */
  void attach(NewProgram program, boolean mayReplace) throws DataplaneException;

  /**
   * Puts programs of its object into entries of a map, each {@code KEY=PROGRAM} or what else {@link
   * org.xdp4j.bpf.text.ProgramPlace} reads. Those that are not loaded are, and so this takes long.
   *
   * @throws DataplaneException when there is no such program or the map cannot hold it; everything
   *     goes on as before
   */
  void putPrograms(MapHandle map, String entries) throws DataplaneException;

  /** Detaches the program of a port. */
  void detach(String port) throws DataplaneException;

  /** Begins to capture. */
  Subscription capture(CaptureRequest request, Consumer<CapturedFrame> sink)
      throws DataplaneException;

  /** Begins to follow frames. */
  Subscription trace(TraceRequest request, Consumer<TracedFrame> sink) throws DataplaneException;

  /** Begins to listen to what programs say and what happens to links. */
  Subscription events(Consumer<Event> sink);

  /** Gives back what serving it took; it goes on itself. */
  @Override
  void close();

  /**
   * A program to attach.
   *
   * @param object the bytes of an object file
   * @param file what to call it
   * @param function the program's own name; null for the only one
   * @param port where to attach it
   * @param maps what is put into its maps and variables, each {@code NAME=ENTRY[,ENTRY]...}
   */
  record NewProgram(byte[] object, String file, String function, String port, List<String> maps) {}

  /** Something that goes on until it is closed. */
  interface Subscription extends AutoCloseable {
    /** Frames or events lost on the way so far. */
    long lost();

    @Override
    void close();
  }

  /**
   * Which frames to capture, and how much of them.
   *
   * @param filter a tcpdump expression; empty for all
   * @param points where frames are looked at; ingress, egress and drop
   * @param port only frames of this port; null for all
   * @param snapLength the most bytes of a frame
   */
  record CaptureRequest(String filter, List<String> points, String port, int snapLength) {}

  /**
   * A frame.
   *
   * @param point ingress, egress or drop
   * @param port its name, empty for none
   * @param nanos since 1970
   * @param bytes those that were kept
   * @param length bytes it had
   * @param verdict what the program returned; -1 when none ran
   * @param reason why it was dropped, or {@code punted: } and why; null when it was neither
   */
  record CapturedFrame(
      String point,
      String port,
      long nanos,
      byte[] bytes,
      int length,
      int verdict,
      String reason) {}

  /**
   * Which frames to follow.
   *
   * @param filter a tcpdump expression; empty for all
   * @param port only frames that come in there; null for all
   * @param count how many
   * @param droppedOnly whether only frames that are dropped count
   */
  record TraceRequest(String filter, String port, int count, boolean droppedOnly) {}

  /**
   * The story of one frame.
   *
   * @param port where it came in
   * @param time when (RFC 3339, UTC)
   * @param length its bytes
   * @param summary what it is, in words
   * @param steps what happened to it, in order
   * @param end the last step's stage: what became of it
   */
  record TracedFrame(
      String port, String time, int length, String summary, List<Step> steps, String end) {}

  /**
   * A step of a frame's way.
   *
   * @param nanos since it came in
   * @param stage received, program, stack, transmitted, delivered, punted or dropped
   * @param text what happened, in words
   * @param source the line of the program; null for none
   */
  record Step(long nanos, String stage, String text, String source) {}

  /**
   * What a program said, or what happened to a link.
   *
   * @param event ringbuf, perf, printk, link, applied or worker-failed
   * @param time when (RFC 3339, UTC)
   * @param source the map's name, or the port's
   * @param cpu the worker's number; null where it is not known
   * @param text the line, or the link's new state; null for records
   * @param data the record; null for lines
   */
  record Event(String event, String time, String source, Integer cpu, String text, byte[] data) {}
}
