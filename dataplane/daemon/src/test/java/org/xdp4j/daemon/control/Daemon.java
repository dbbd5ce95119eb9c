package org.xdp4j.daemon.control;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.control.live.ForwarderDataplane;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.port.FrameSizes;
import org.xdp4j.engine.port.GeneratorOptions;
import org.xdp4j.engine.port.Pace;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;

/** A forwarder with a control plane, in this process and without any privilege. */
public final class Daemon implements AutoCloseable {
  static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));
  static final String TOKEN = "0123456789abcdef0123456789abcdef";

  private final Forwarder forwarder;
  private final ControlServer server;

  private Daemon(Forwarder forwarder, ControlServer server) {
    this.forwarder = forwarder;
    this.server = server;
  }

  /** What is generated: so many frames, or without end when 0, so many a second. */
  static ForwarderPlan plan(long frames, double rate) {
    GeneratorOptions udp =
        GeneratorOptions.of(frames == 0 ? Long.MAX_VALUE : frames, 60, 64)
            .withSizes(new FrameSizes.Imix())
            .withAddresses(0x0a00_0102, 0xc0a8_0001, 8)
            .withPace(rate > 0 ? new Pace.Rate(rate) : new Pace.Unlimited());
    PortPlan lan = new PortPlan.Generator(PortSettings.of("lan"), udp);
    return ForwarderPlan.empty()
        .withWorkers(WorkerPlan.of(2))
        .withPorts(List.of(lan, new PortPlan.Null(PortSettings.of("wan"))))
        .withInterfaces(
            List.of(
                InterfacePlan.of("lan", "lan", "10.0.1.1/24", "fd00:1::1/64")
                    .withMac(udp.destinationMac()),
                InterfacePlan.of("wan", "wan", "10.0.2.1/24", "fd00:2::1/64")))
        .withRoutes(
            List.of(
                RoutePlan.via("0.0.0.0/0", "10.0.2.2"),
                RoutePlan.special("192.168.0.4/30", RouteType.BLACKHOLE),
                RoutePlan.via("::/0", "fd00:2::2")))
        .withNeighbors(
            List.of(new NeighborPlan("wan", IpAddress.parse("10.0.2.2"), 0x02_0000_0000_22L)))
        .withPrograms(
            List.of(
                ProgramPlan.of("firewall", ROOT.resolve("filters/firewall.bpf.o"), "lan")
                    .withMaps("sources_v6=2001:db8::/32=XDP_DROP")));
  }

  /** One that has always something to do, and drops some of it. */
  public static ForwarderPlan busy() {
    ForwarderPlan plan = plan(0, 40_000);
    ProgramPlan closed =
        ProgramPlan.of("firewall", ROOT.resolve("filters/firewall.bpf.o"), "lan")
            .withMaps("sources_v4=10.0.1.0/28=XDP_DROP");
    return plan.withPrograms(List.of(closed))
        .withRoutes(List.of(RoutePlan.via("192.168.0.0/30", "10.0.2.2")));
  }

  /** Runs a plan, to be controlled over a socket in a folder and over HTTP, with every right. */
  public static Daemon start(Path folder, ForwarderPlan plan) throws Exception {
    return start(folder, plan, true, Limits.defaults(), () -> "nothing changed");
  }

  static Daemon start(
      Path folder, ForwarderPlan plan, boolean writable, Limits limits, Api.Reload reload)
      throws Exception {
    Forwarder forwarder = Forwarder.start(plan);
    try {
      ControlSettings settings =
          new ControlSettings(
              folder.resolve("control.sock"),
              ControlSettings.Http.onLoopback(0, TOKEN).withWritable(writable));
      return new Daemon(
          forwarder,
          ControlServer.start(new ForwarderDataplane(forwarder), settings, reload, limits));
    } catch (ControlException e) {
      forwarder.close();
      throw e;
    }
  }

  /** One whose few frames have all gone through. */
  public static Daemon rested(Path folder) throws Exception {
    Daemon daemon = start(folder, plan(5000, 0));
    if (!daemon.awaitEnd()) {
      daemon.close();
      throw new AssertionError("the generator did not come to its end");
    }
    return daemon;
  }

  /** Waits until no port will receive anything again; not for ever. */
  public boolean awaitEnd() throws InterruptedException {
    return forwarder.awaitEnd(30, TimeUnit.SECONDS);
  }

  Forwarder forwarder() {
    return forwarder;
  }

  public ControlServer server() {
    return server;
  }

  /** Where its socket is. */
  public String socket() {
    return server.socket().toString();
  }

  /** A connection over the socket or over TCP. */
  Wire connect(Wire.Over over) throws Exception {
    return Wire.open(over == Wire.Over.UNIX ? server.socket() : null, server.http());
  }

  @Override
  public void close() {
    server.close();
    forwarder.close();
  }
}
