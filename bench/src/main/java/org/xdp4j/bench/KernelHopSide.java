package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.engine.worker.Affinity;

/**
 * A router hop by the running kernel, whose frames are made by {@code BPF_PROG_TEST_RUN} with live
 * frames: a process of its own in a network namespace that has the interfaces {@code in} and {@code
 * out}. Answers as {@link PathSide} does, without bytes; of the kernel's own forwarding also what
 * frames cost that are for another host, which the kernel makes a buffer for and drops before it
 * routes them: that is no part of forwarding.
 *
 * <p>{@code KernelHopSide xdp|stack ROOT ROUTES CPU}: by the program of {@code bench/run programs},
 * which redirects; or by the kernel's own forwarding of what a program addresses and passes.
 */
public final class KernelHopSide {
  private static final int BATCH = 64;
  private static final int CALL = 1 << 14;

  /** Of 1,000 frames, how many have to leave: a queue may be full now and then. */
  private static final int LEAVE = 990;

  private static final String ROUTER = "02:00:00:00:01:00";
  private static final String OTHER_HOST = "02:00:00:00:01:01";
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private KernelHopSide() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[1]);
    int routes = Integer.parseInt(args[2]);
    Affinity.ofSystem().orElseThrow().bind(Integer.parseInt(args[3]));
    int in = index("in");
    boolean xdp = args[0].equals("xdp");
    ProgramWorkload router = ProgramWorkload.router(routes);
    BpfObject object =
        ObjectReader.read(root.resolve(xdp ? router.object() : "bench/programs/address.bpf.o"));
    for (String setting : xdp ? router.settings() : List.of("choices=" + routes)) {
      object = MapAssignment.prepare(object, List.of(MapAssignment.parse(setting)));
    }
    var chosen = object.programs().getFirst();
    List<KernelMap> maps = KernelOracle.createMaps(chosen, object.maps());
    if (xdp) {
      fill(router, maps);
    }
    KernelOracle.Verdict verdict = KernelOracle.load(chosen, maps, KernelOracle.LOG_FULL);
    if (!verdict.accepted()) {
      throw new IllegalStateException(chosen.name() + ": " + verdict.reason());
    }
    try (KernelProgram program = verdict.program()) {
      serve(program, in, !xdp);
    }
  }

  private static void fill(ProgramWorkload router, List<KernelMap> maps) throws Exception {
    int out = index("out");
    byte[] port = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(out).array();
    for (ProgramWorkload.Contents contents : router.contents()) {
      KernelMap map =
          maps.stream()
              .filter(each -> each != null && each.spec().name().equals(contents.map()))
              .findAny()
              .orElseThrow();
      for (int i = 0; i < contents.count(); i++) {
        byte[] value = contents.map().equals("ports") ? port : contents.value().apply(i);
        int error = map.update(contents.key().apply(i), value, 0);
        if (error != 0) {
          throw new IllegalStateException(contents.map() + " in the kernel: errno " + -error);
        }
      }
    }
  }

  private static int index(String device) throws IOException {
    return Integer.parseInt(Files.readString(Path.of("/sys/class/net", device, "ifindex")).strip());
  }

  private static void serve(KernelProgram program, int in, boolean isNet) throws Exception {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = questions.readLine()) != null) {
      long nanos = Long.parseLong(line) * 1_000_000;
      long left = sent();
      Cost hop = run(program, in, nanos);
      left = sent() - left;
      if (left * 1000 < hop.frames * LEAVE) {
        throw new IllegalStateException(
            "the kernel sent %d of %d frames on".formatted(left, hop.frames));
      }
      double beside = 0;
      if (isNet) {
        Namespaces.run(List.of("ip", "link", "set", "in", "address", OTHER_HOST));
        beside = run(program, in, nanos).each();
        Namespaces.run(List.of("ip", "link", "set", "in", "address", ROUTER));
      }
      System.out.println(hop.each() + " " + beside);
    }
  }

  private record Cost(long frames, long nanos) {
    double each() {
      return (double) nanos / frames;
    }
  }

  private static Cost run(KernelProgram program, int in, long nanos) throws Exception {
    byte[] frame = BenchFrame.bytes();
    ByteBuffer.wrap(frame).putLong(0, CirclePort.ROUTER << 16 | 0x0200);
    long end = System.nanoTime() + nanos;
    long frames = 0;
    long begin = THREADS.getCurrentThreadCpuTime();
    while (System.nanoTime() < end) {
      int error = program.runLive(frame, CALL, BATCH, in);
      if (error != 0) {
        throw new IllegalStateException("live frames: errno " + -error);
      }
      frames += CALL;
    }
    return new Cost(frames, THREADS.getCurrentThreadCpuTime() - begin);
  }

  /** Frames that left by the other interface. */
  private static long sent() throws IOException {
    return Long.parseLong(
        Files.readString(Path.of("/sys/class/net/out/statistics/tx_packets")).strip());
  }
}
