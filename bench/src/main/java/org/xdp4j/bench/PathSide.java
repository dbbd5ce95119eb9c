package org.xdp4j.bench;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * Our side of a path: a forwarder with two ports and a program that sends what comes in by one out
 * of the other, in a process of its own. A line with a number of milliseconds on its input is
 * answered by nanoseconds of the worker's CPU time and bytes of heap a frame.
 *
 * <p>{@code PathSide ROOT KIND PROGRAM CPU}, where the program is one of bench/programs/path.bpf.c
 * or {@code router:ROUTES}, that of {@code bench/run programs}
 */
public final class PathSide {

  private PathSide() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    FrameGate gate = new FrameGate(false);
    ProgramWorkload router =
        args[2].startsWith("router:")
            ? ProgramWorkload.router(Integer.parseInt(args[2].substring(7)))
            : null;
    WorkerPlan workers =
        new WorkerPlan(1, List.of(Integer.parseInt(args[3])), WorkerPlan.Idle.PARK);
    PortSettings a = PortSettings.of("a").withMac(CirclePort.ROUTER).withQueues(1);
    PortSettings b = PortSettings.of("b").withMac(CirclePort.ROUTER + 1).withQueues(1);
    ForwarderPlan plan =
        ForwarderPlan.empty()
            .withWorkers(workers)
            .withPorts(
                List.of(
                    new PortPlan.Custom(a, PathPort.maker(args[1], gate)),
                    new PortPlan.Custom(b, PathPort.maker(args[1], gate))))
            .withPrograms(List.of(program(Path.of(args[0]), args[2], router)));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      if (router != null) {
        fill(forwarder, router);
      }
      serve(gate);
    }
  }

  private static ProgramPlan program(Path root, String name, ProgramWorkload router) {
    if (router != null) {
      return ProgramPlan.of("path", root.resolve(router.object()), "a", "b")
          .withMaps(router.settings().toArray(new String[0]));
    }
    return ProgramPlan.of("path", root.resolve("bench/programs/path.bpf.o"), "a", "b")
        .withChain(name)
        .withMaps("ports=1=b,2=a");
  }

  /** All next hops are behind the second port. */
  private static void fill(Forwarder forwarder, ProgramWorkload router) {
    for (ProgramWorkload.Contents contents : router.contents()) {
      boolean ports = contents.map().equals("ports");
      BpfMap map =
          forwarder.maps().stream()
              .filter(view -> view.name().equals(contents.map()))
              .findAny()
              .orElseThrow()
              .map();
      for (int i = 0; i < contents.count(); i++) {
        byte[] value = ports ? new byte[] {2, 0, 0, 0} : contents.value().apply(i);
        int error = map.put(contents.key().apply(i), value, 0);
        if (error != 0) {
          throw new IllegalStateException(contents.map() + ": errno " + -error);
        }
      }
    }
  }

  private static void serve(FrameGate gate) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      FrameGate.Cost cost = gate.measure(Long.parseLong(line));
      System.out.println(cost.nanos() + " " + cost.bytes());
    }
  }
}
