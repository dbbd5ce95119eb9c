package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.capture.PacketFilter;
import org.xdp4j.engine.forward.FrameStory.Kind;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.stack.Interface;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.Topology;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;

/**
 * A running trace. The frames it is about have a number ({@code Frame.story}); programs run on them
 * in the interpreter, once and for real, so that every line and helper call is seen. A story is
 * told on a thread of the trace's own when the frame has ended.
 */
public final class Trace implements Subscription {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final int MAX_STEPS = 2000;
  private static final Pattern DEVICE = Pattern.compile("dev ([0-9]+)");

  private static final class Story {
    final int number;
    final long began;
    final String port;
    final byte[] frame;
    final List<FrameStory.Step> steps = new ArrayList<>();

    Story(int number, long began, String port, byte[] frame) {
      this.number = number;
      this.began = began;
      this.port = port;
      this.frame = frame;
    }
  }

  /** Comes when there will be no more. */
  private static final Story END = new Story(0, 0, null, null);

  private final TraceRequest request;
  private final PacketFilter filter;
  private final Control control;
  private final Consumer<FrameStory> sink;
  private final Map<Integer, Story> stories = new ConcurrentHashMap<>();
  private final BlockingQueue<Story> ended = new LinkedBlockingQueue<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final TraceTap tap = new TraceTap();
  private final Thread thread;
  private volatile int told;

  @SuppressWarnings("this-escape")
  Trace(TraceRequest request, PacketFilter filter, Control control, Consumer<FrameStory> sink) {
    this.request = request;
    this.filter = filter;
    this.control = control;
    this.sink = sink;
    thread = Thread.ofPlatform().name("forward-trace").daemon().unstarted(this::run);
  }

  void start() {
    control.look(tap);
    thread.start();
  }

  /** Whether all its stories are told, or it was closed. */
  public boolean isEnded() {
    return !thread.isAlive();
  }

  /** Waits until all its stories are told; false when the time was up before. */
  public boolean await(long millis) throws InterruptedException {
    thread.join(millis);
    return isEnded();
  }

  @Override
  public void close() {
    try {
      control.lookAway(tap);
    } finally {
      ended.add(END); // behind all that have ended
      Subscriptions.join(thread);
    }
  }

  private void run() {
    try {
      while (told < request.frames()) {
        Story story = ended.take();
        if (story == END) {
          return;
        }
        tell(story);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      System.getLogger(Trace.class.getName())
          .log(System.Logger.Level.WARNING, "a trace's sink failed, and the trace ends", e);
    } finally {
      control.shared().removeTap(tap);
    }
  }

  private void tell(Story story) {
    boolean dropped = story.steps.getLast().kind() == Kind.DROPPED;
    if (request.onlyDropped() && !dropped) {
      begun.decrementAndGet();
      return;
    }
    sink.accept(
        new FrameStory(
            ++told, control.views().instant(story.began), story.port, story.frame, story.steps));
  }

  private final class TraceTap implements Tap {
    @Override
    public void received(ForwardWorker worker, Frame frame, LivePort port) {
      if (frame.story != 0
          || begun.get() >= request.frames()
          || request.port() != null && !request.port().equals(port.name())
          || !filter.matches(worker.memory, frame.data, frame.length())) {
        return;
      }
      if (begun.incrementAndGet() > request.frames()) {
        begun.decrementAndGet();
        return;
      }
      int number = NUMBERS.incrementAndGet() & Integer.MAX_VALUE;
      byte[] bytes = worker.memory.asSlice(frame.data, frame.length()).toArray(Region.BYTE);
      frame.story = number;
      stories.put(number, new Story(number, System.nanoTime(), port.name(), bytes));
      step(frame, Kind.RECEIVED, "on port " + port.name() + " by worker " + worker.number, null);
    }

    private void step(Frame frame, Kind kind, String text, String source) {
      Story story = frame.story == 0 ? null : stories.get(frame.story);
      if (story != null && story.steps.size() < MAX_STEPS) {
        story.steps.add(new FrameStory.Step(System.nanoTime() - story.began, kind, text, source));
      }
    }

    private void end(Frame frame, Kind kind, String text) {
      Story story = frame.story == 0 ? null : stories.remove(frame.story);
      if (story != null) {
        story.steps.add(new FrameStory.Step(System.nanoTime() - story.began, kind, text, null));
        frame.story = 0;
        ended.add(story);
      }
    }

    @Override
    public void ran(Frame frame, String text, String source) {
      step(frame, Kind.PROGRAM, text, source);
    }

    @Override
    public void passed(ForwardWorker worker, Frame frame) {
      if (frame.story != 0) {
        step(frame, Kind.STACK, route(worker, frame, control.router()), null);
      }
    }

    @Override
    public void left(ForwardWorker worker, Frame frame, LivePort port, boolean punted) {
      if (frame.story != 0) {
        String to = MacAddress.format(Ethernet.destination(worker.memory, frame.data));
        end(
            frame,
            punted ? Kind.PUNTED : Kind.TRANSMITTED,
            "out of port %s to %s, %d bytes".formatted(port.name(), to, frame.length()));
      }
    }

    @Override
    public void delivered(ForwardWorker worker, Frame frame, String to) {
      end(frame, Kind.DELIVERED, "to the " + to);
    }

    @Override
    public void punted(ForwardWorker worker, Frame frame, String reason) {
      step(frame, Kind.STACK, "not the stack's own: " + reason, null);
    }

    @Override
    public void dropped(
        ForwardWorker worker, Frame frame, String layer, String reason, String sentence) {
      end(frame, Kind.DROPPED, "by the %s: %s: %s".formatted(layer, reason, sentence));
    }
  }

  /** What the forwarding table says of a frame, as the stack will find it. */
  private static String route(ForwardWorker worker, Frame frame, Router router) {
    var memory = worker.memory;
    long at = frame.data + Ethernet.SIZE;
    int type = Ethernet.type(memory, frame.data);
    for (int tags = 0; tags < 2 && EtherType.isVlan(type) && at + 4 <= frame.dataEnd; tags++) {
      type = Ethernet.typeAfter(memory, at);
      at += Ethernet.TAG_SIZE;
    }
    Route found;
    if (type == EtherType.IPV4 && frame.dataEnd - at >= Ipv4.MIN_SIZE) {
      found = router.fib(false).lookup(Ipv4.destination(memory, at));
    } else if (type == EtherType.IPV6 && frame.dataEnd - at >= Ipv6.SIZE) {
      found =
          router
              .fib(true)
              .lookup(Ipv6.destinationHigh(memory, at), Ipv6.destinationLow(memory, at));
    } else {
      return "passed to the stack, EtherType 0x%04x".formatted(type);
    }
    return found == null
        ? "passed to the stack, which has no route for it"
        : "passed to the stack, whose route is " + named(found.toString(), router.topology());
  }

  /** With interfaces' names, as in configurations, for their numbers. */
  private static String named(String route, Topology topology) {
    return DEVICE
        .matcher(route)
        .replaceAll(
            dev -> {
              Interface found = topology.byIndex(Integer.parseInt(dev.group(1)));
              return "dev " + Matcher.quoteReplacement(found == null ? dev.group(1) : found.name());
            });
  }
}
