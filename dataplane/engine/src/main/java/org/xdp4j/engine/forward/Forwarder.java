package org.xdp4j.engine.forward;

import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.xdp4j.bpf.WarmupResult;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.net.stack.Router;

/**
 * A running forwarder: ports, programs and the network stack, moved by workers as a plan says.
 *
 * <pre>{@code
 * try (Forwarder forwarder = Forwarder.start(plan)) {
 *   forwarder.apply(otherPlan);
 *   ForwardBooks books = forwarder.stop();
 * }
 * }</pre>
 *
 * Any thread may call anything; changes wait for one another, views never do. Nothing here makes a
 * worker wait.
 */
public final class Forwarder implements AutoCloseable {
  private final Control control;

  private Forwarder(Control control) {
    this.control = control;
  }

  /**
   * Opens the ports, loads the programs and starts the workers.
   *
   * @throws ForwarderException naming the part of the plan that cannot be had; nothing is left open
   */
  public static Forwarder start(ForwarderPlan plan) throws ForwarderException {
    return start(plan, WorkerThreads.platform());
  }

  /** The same with workers on other threads. */
  static Forwarder start(ForwarderPlan plan, ThreadFactory threads) throws ForwarderException {
    return new Forwarder(Control.start(plan, threads));
  }

  /** The plan that runs now. */
  public ForwarderPlan plan() {
    return control.plan();
  }

  /**
   * Changes everything that differs from the plan that runs now, as one transaction: whatever can
   * fail is done before the first worker sees any of it. What is the same in both plans goes on
   * undisturbed: ports stay open, programs whose file did not change keep running, maps keep their
   * contents, neighbours and connections stay known. No frame is lost by it, but those in a port
   * that the new plan no longer has.
   *
   * @throws ForwarderException naming the part of the plan that cannot be had; then nothing changed
   */
  public void apply(ForwarderPlan plan) throws ForwarderException {
    control.apply(plan);
  }

  /** Loads, replaces and detaches programs beside the plan. */
  public Programs programs() {
    return control.programs();
  }

  /**
   * What the last trial of a program before it took over came to ({@link
   * org.xdp4j.engine.plan.LimitPlan#warmUp}); null when there was none.
   */
  public WarmupResult lastWarmup() {
    return control.warmer().last();
  }

  /** The maps of attached programs. */
  public List<MapView> maps() {
    return Attachments.maps(control.attachments());
  }

  /** Interfaces, forwarding tables, neighbours, NAT and filter, as they live. */
  public Router router() {
    return control.router();
  }

  /** Where frames, maps and stacks are. */
  public Region region() {
    return control.region();
  }

  /** The ports as values of device maps. */
  public DevicePorts devicePorts() {
    return DevicePorts.of(control.livePorts());
  }

  /** The ports, in the plan's order. */
  public List<PortView> ports() {
    return Views.ports(control.livePorts());
  }

  /** The workers, by number. */
  public List<WorkerView> workers() {
    return control.views().workers();
  }

  /** Every reason of engine and stack, those nothing was dropped for included. */
  public List<DropCount> drops() {
    return control.drops();
  }

  /** Every reason for punts. */
  public List<PuntCount> punts() {
    return control.views().punts();
  }

  /**
   * The books as of now; they balance exactly. Each worker gives its part between two rounds, so
   * this takes as long as the longest round, at the most some milliseconds when workers sleep.
   */
  public ForwardBooks books() {
    return control.books();
  }

  /** How long frames took since the start. */
  public LatencyView latency() {
    return control.views().latency();
  }

  /**
   * Copies frames that fit to a sink, which is called on a thread of the capture's own. A sink that
   * is too slow misses frames and slows nobody.
   *
   * @return the running capture, to be closed
   * @throws ForwarderException when the filter is none, or there is no port of that name
   */
  public Capture capture(CaptureRequest request, Consumer<CapturedFrame> sink)
      throws ForwarderException {
    return control.subscriptions().capture(request, sink);
  }

  /**
   * Writes down the ways of frames that fit: what their programs did line by line, what the stack
   * found, and how they ended. Called with each story on a thread of the trace's own.
   *
   * @return the running trace, to be closed
   * @throws ForwarderException when the filter is none, or there is no port of that name
   */
  public Trace trace(TraceRequest request, Consumer<FrameStory> sink) throws ForwarderException {
    return control.subscriptions().trace(request, sink);
  }

  /**
   * Tells what happens from now on: what programs print, send as perf events and put into ring
   * buffers, ports that go up and down. Called on one thread of its own; a listener that is slow
   * misses events and slows nobody, one that throws is told no more.
   *
   * @return to be closed when no more is wanted
   */
  public Subscription events(Consumer<ForwarderEvent> listener) {
    return control.events().listen(listener);
  }

  /** Events that listeners were too slow for. */
  public long missedEvents() {
    return control.events().missed();
  }

  /**
   * Waits until every port has ended and every frame with it: captures were read to their end.
   *
   * @return false when the time was up before
   */
  public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
    return control.awaitEnd(unit.toNanos(time));
  }

  /** Whether {@link #stop} was called. */
  public boolean isStopped() {
    return control.isStopped();
  }

  /**
   * Stops: receives no more, sees what was received to its end, drops what waits for neighbours,
   * closes ports and programs. Once; later calls give the same books.
   *
   * @return the final books, with nothing in flight
   * @throws IllegalStateException when they do not balance: a bug here
   */
  public ForwardBooks stop() {
    return control.stop();
  }

  /** {@link #stop}, and gives all memory back. */
  @Override
  public void close() {
    control.close();
  }
}
