package org.xdp4j.engine.forward;

import java.util.function.Consumer;
import org.xdp4j.engine.capture.FilterCompiler;
import org.xdp4j.engine.capture.FilterException;
import org.xdp4j.engine.capture.PacketFilter;

/** Begins captures and traces. */
final class Subscriptions {
  private static final long PATIENCE = 5000;

  private final Control control;

  Subscriptions(Control control) {
    this.control = control;
  }

  Capture capture(CaptureRequest request, Consumer<CapturedFrame> sink) throws ForwarderException {
    requirePort("capture", request.port());
    Capture capture = new Capture(request, filter("capture", request.filter()), control, sink);
    capture.start();
    return capture;
  }

  Trace trace(TraceRequest request, Consumer<FrameStory> sink) throws ForwarderException {
    requirePort("trace", request.port());
    Trace trace = new Trace(request, filter("trace", request.filter()), control, sink);
    trace.start();
    return trace;
  }

  private void requirePort(String what, String name) throws ForwarderException {
    if (name != null && control.livePorts().stream().noneMatch(port -> port.name().equals(name))) {
      throw new ForwarderException(what + ": there is no port '" + name + "'");
    }
  }

  /** Waits for the end of a subscription's thread, but not for what its sink does forever. */
  static void join(Thread thread) {
    if (Thread.currentThread() == thread) {
      return;
    }
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static PacketFilter filter(String what, String expression) throws ForwarderException {
    try {
      return FilterCompiler.compile(expression);
    } catch (FilterException e) {
      throw new ForwarderException(what + ": " + e.getMessage(), e);
    }
  }
}
