package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.SampleFrame;
import org.xdp4j.bpf.WarmupResult;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;

/** Compiled code, over batches of 64 frames that lie apart as in the engine's pool. */
final class OurSide implements ProgramSide {
  static final int BATCH = 64;

  private static final int SLOT = 59 * 64;
  private static final int HEADROOM = 256;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final List<ProgramWorkload.Contents> contents;
  private final LoadedObject loaded;
  private final XdpProgram program;
  private final XdpBatch batch = new XdpBatch(BATCH);
  private final XdpContext context;

  OurSide(Region region, BpfObject object, String name, List<ProgramWorkload.Contents> contents)
      throws LoadException {
    this(region, object, name, contents, ProgramWorkload.FRAME);
  }

  /**
   * @param frames what the batch is made of, in turn
   */
  OurSide(
      Region region,
      BpfObject object,
      String name,
      List<ProgramWorkload.Contents> contents,
      List<byte[]> frames)
      throws LoadException {
    this.contents = contents;
    loaded = LoadedObject.load(object, region, new LoadOptions(1, false, false, Set.of(name)));
    program = loaded.program(name).orElseThrow();
    context = new XdpContext(region, 0);
    for (ProgramWorkload.Contents c : contents) {
      BpfMap map = loaded.map(c.map()).orElseThrow();
      for (int i = 0; i < c.count(); i++) {
        int error = map.put(c.key().apply(i), c.value().apply(i), 0);
        if (error != 0) {
          throw new IllegalStateException(c.map() + ": errno " + -error);
        }
      }
    }
    long slots = region.allocate((long) BATCH * SLOT, 4096);
    for (int i = 0; i < BATCH; i++) {
      byte[] frame = BenchFrame.turned(frames.get(i % frames.size()), i * 0x9E3779B1);
      long start = slots + (long) i * SLOT;
      long data = start + HEADROOM;
      MemorySegment.copy(frame, 0, region.segment(), Region.BYTE, data, frame.length);
      batch.dataMeta[i] = data;
      batch.data[i] = data;
      batch.dataEnd[i] = data + frame.length;
      batch.frameStart[i] = start;
      batch.frameEnd[i] = start + SLOT;
    }
    batch.size = BATCH;
  }

  /** {@link XdpProgram#warm} of its program. */
  WarmupResult warm(List<SampleFrame> frames, Duration atMost) {
    return program.warm(frames, new XdpContext(context.region, 0), atMost);
  }

  /** Whether any frame of the last batch of {@link #run} ended with this. */
  boolean ended(int verdict) {
    return Arrays.stream(batch.verdict).anyMatch(v -> v == verdict);
  }

  @Override
  public double run(int times) {
    int rounds = Math.max(1, times / BATCH);
    long begin = THREADS.getCurrentThreadCpuTime();
    for (int i = 0; i < rounds; i++) {
      program.run(batch, context);
    }
    long end = THREADS.getCurrentThreadCpuTime();
    if (program.faults() != 0) {
      throw new IllegalStateException(program.name() + " faulted");
    }
    return (double) (end - begin) / ((double) rounds * BATCH);
  }

  @Override
  public void change(int number) {
    ProgramWorkload.Contents changed = contents.getFirst();
    int error =
        loaded
            .map(changed.map())
            .orElseThrow()
            .put(changed.keyOf(number), changed.other(number), 0);
    if (error != 0) {
      throw new IllegalStateException(changed.map() + ": errno " + -error);
    }
  }

  @Override
  public void close() {
    loaded.close();
  }
}
