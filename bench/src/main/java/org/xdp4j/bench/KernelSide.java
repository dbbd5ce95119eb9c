package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/**
 * The running kernel's JIT, by {@code BPF_PROG_TEST_RUN} with {@code repeat}. The time is the CPU
 * time of that one system call: the kernel's own figure is in whole nanoseconds.
 */
final class KernelSide implements ProgramSide {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final List<KernelMap> maps;
  private final List<ProgramWorkload.Contents> contents;
  private final List<byte[]> frames;

  /** How many of the frames are of each length: a run is over one frame, repeated. */
  private final Map<Integer, Integer> shares = new TreeMap<>();

  private final KernelProgram program;
  private int lastVerdict;
  private int runs;

  /**
   * @param frames what it runs over, each as often as it is in the list
   */
  KernelSide(
      BpfObject object, String name, List<ProgramWorkload.Contents> contents, List<byte[]> frames) {
    this.contents = contents;
    this.frames = frames;
    frames.forEach(frame -> shares.merge(frame.length, 1, Integer::sum));
    BpfProgram chosen = object.program(name).orElseThrow();
    maps = KernelOracle.createMaps(chosen, object.maps());
    for (ProgramWorkload.Contents c : contents) {
      KernelMap map = map(c.map());
      for (int i = 0; i < c.count(); i++) {
        int error = map.update(c.key().apply(i), c.value().apply(i), 0);
        if (error != 0) {
          throw new IllegalStateException(c.map() + " in the kernel: errno " + -error);
        }
      }
    }
    KernelOracle.Verdict verdict = KernelOracle.load(chosen, maps, KernelOracle.LOG_FULL);
    if (!verdict.accepted()) {
      throw new IllegalStateException(name + ": " + verdict.reason());
    }
    program = verdict.program();
  }

  private KernelMap map(String name) {
    return maps.stream()
        .filter(m -> m != null && m.spec().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** What the last run of {@link #run} ended with. */
  int lastVerdict() {
    return lastVerdict;
  }

  @Override
  public double run(int times) {
    double nanos = 0;
    for (Map.Entry<Integer, Integer> share : shares.entrySet()) {
      double part = (double) share.getValue() / frames.size();
      nanos += part * run(share.getKey(), (int) Math.max(1, part * times));
    }
    return nanos;
  }

  private double run(int length, int times) {
    byte[] plain = frames.stream().filter(f -> f.length == length).findFirst().orElseThrow();
    byte[] frame = BenchFrame.turned(plain, runs++ * 0x9E3779B1);
    long begin = THREADS.getCurrentThreadCpuTime();
    KernelProgram.Run run = program.run(frame, times);
    long end = THREADS.getCurrentThreadCpuTime();
    if (run.error() != 0) {
      throw new IllegalStateException("BPF_PROG_TEST_RUN: errno " + -run.error());
    }
    lastVerdict = run.returnCode();
    return (double) (end - begin) / times;
  }

  @Override
  public void change(int number) {
    ProgramWorkload.Contents changed = contents.getFirst();
    int error = map(changed.map()).update(changed.keyOf(number), changed.other(number), 0);
    if (error != 0) {
      throw new IllegalStateException(changed.map() + " in the kernel: errno " + -error);
    }
  }

  @Override
  public void close() {
    program.close();
    maps.stream().filter(m -> m != null).forEach(KernelMap::close);
  }
}
