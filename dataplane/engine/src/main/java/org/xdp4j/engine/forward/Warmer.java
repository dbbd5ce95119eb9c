package org.xdp4j.engine.forward;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.xdp4j.bpf.SampleFrame;
import org.xdp4j.bpf.WarmupResult;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.worker.RxHash;

/**
 * Has the JVM compile programs that were just loaded, on trial over frames that their ports got of
 * late ({@link FrameSamples}), before workers run them: they would begin in the JVM's interpreter,
 * many times slower. Nothing of it is seen outside: trials change copies of maps, count nowhere and
 * send nothing ({@link XdpProgram#warm}). Used by the control alone.
 */
final class Warmer {
  private static final System.Logger LOG = System.getLogger(Warmer.class.getName());

  private final Region region;
  private final Shared shared;

  /** What trials run in; made when it is needed first. */
  private XdpContext scratch;

  private volatile WarmupResult last;

  Warmer(Region region, Shared shared) {
    this.region = region;
    this.shared = shared;
  }

  /**
   * Warms programs up.
   *
   * @param atMost for all of them together
   */
  void warm(Collection<Attachment> loaded, List<LivePort> ports, Duration atMost) {
    int programs = loaded.size();
    long deadline = System.nanoTime() + atMost.toNanos();
    for (Attachment each : loaded) {
      List<SampleFrame> frames = samples(each, ports);
      long share = (deadline - System.nanoTime()) / programs--;
      if (!frames.isEmpty() && share > 0) {
        warm(each.whole, frames, Duration.ofNanos(share));
      }
    }
  }

  /** A trial that cannot be, for want of memory, refuses no plan: the program begins cold. */
  private void warm(XdpProgram program, List<SampleFrame> frames, Duration atMost) {
    try {
      last = program.warm(frames, scratch(), atMost);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "program " + program.name() + " was not warmed up", e);
    }
  }

  private static List<SampleFrame> samples(Attachment attachment, List<LivePort> ports) {
    List<SampleFrame> frames = new ArrayList<>();
    for (LivePort port : ports) {
      if (attachment.plan.ports().contains(port.name())) {
        port.samples().forEach(each -> each.addTo(frames));
      }
    }
    return frames;
  }

  private XdpContext scratch() {
    if (scratch == null) {
      scratch = new XdpContext(region, 0);
      scratch.flowHash = new RxHash();
      scratch.routing = new StackRouting(shared.router(), shared);
    }
    return scratch;
  }

  /** What the last trial came to; null before the first. */
  WarmupResult last() {
    return last;
  }
}
