package org.xdp4j.bpf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.PerfEventArrayMap;
import org.xdp4j.bpf.map.PerfRing;
import org.xdp4j.bpf.map.Wakeup;

/**
 * Reads what programs write by {@code bpf_perf_event_output}, as {@code struct perf_buffer} of
 * libbpf does: a buffer for each CPU in the slots of a {@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}, and
 * one reader of them all. While it is open, programs that use the map write there, whatever the
 * {@link org.xdp4j.bpf.context.EventSink} of their context; a program whose CPU has no buffer is
 * told -ENOENT, one whose buffer is full -ENOSPC.
 *
 * <p>A record is what the program gave, without the zeros that Linux puts behind it to fill words.
 * One thread reads at a time; programs may run meanwhile.
 */
public final class PerfBuffer implements AutoCloseable {
  /** Takes a record. */
  @FunctionalInterface
  public interface SampleConsumer {
    /** A program's data, then what of the packet it asked for. */
    void sample(int cpu, byte[] data);
  }

  /** Is told of what was lost. */
  @FunctionalInterface
  public interface LostConsumer {
    /** So many records of this CPU found no room before the one that comes next. */
    void lost(int cpu, long count);
  }

  private final PerfEventArrayMap map;
  private final List<PerfRing> rings = new ArrayList<>();
  private final Wakeup wakeup = new Wakeup();
  private final SampleConsumer samples;
  private final LostConsumer losses;

  private PerfBuffer(PerfEventArrayMap map, SampleConsumer samples, LostConsumer losses) {
    this.map = map;
    this.samples = Objects.requireNonNull(samples);
    this.losses = Objects.requireNonNull(losses);
  }

  /**
   * Opens a buffer for each CPU.
   *
   * @param map a perf event array
   * @param cpus contexts that run programs; those beyond the map's size get none
   * @param pages of 4,096 bytes that each buffer has: a power of two
   * @throws IllegalArgumentException when the map is of another type, or the size is none
   * @throws IllegalStateException when another one reads this map
   */
  public static PerfBuffer open(
      BpfMap map, int cpus, int pages, SampleConsumer samples, LostConsumer losses) {
    if (!(map instanceof PerfEventArrayMap events)) {
      throw new IllegalArgumentException(
          "map " + map.name() + " is a " + map.spec().type() + ", not a PERF_EVENT_ARRAY");
    }
    PerfBuffer buffer = new PerfBuffer(events, samples, losses);
    int count = Math.min(cpus, events.spec().maxEntries());
    for (int cpu = 0; cpu < count; cpu++) {
      buffer.rings.add(new PerfRing(pages, buffer.wakeup));
    }
    events.open(buffer.rings);
    return buffer;
  }

  /** How many buffers there are, one a CPU. */
  public int buffers() {
    return rings.size();
  }

  /**
   * Waits until there are records, and takes them.
   *
   * @param timeout how long to wait at the most; zero for not at all
   * @return how many records; 0 when there were none in that time
   */
  public int poll(Duration timeout) throws InterruptedException {
    return wakeup.await(this::consume, timeout.toNanos());
  }

  /** Takes the records there are now: how many. */
  public int consume() {
    int taken = 0;
    for (int cpu = 0; cpu < rings.size(); cpu++) {
      taken += consume(cpu);
    }
    return taken;
  }

  /** The same for one CPU. */
  public int consume(int cpu) {
    return rings
        .get(cpu)
        .read(
            new PerfRing.Reader() {
              @Override
              public void sample(byte[] data) {
                samples.sample(cpu, data);
              }

              @Override
              public void lost(long count) {
                losses.lost(cpu, count);
              }
            });
  }

  /** Records that found no room so far, those included that nobody was told of yet. */
  public long lost() {
    return rings.stream().mapToLong(PerfRing::lost).sum();
  }

  /** Takes the buffers out of the map; what nobody read is gone. */
  @Override
  public void close() {
    map.close(rings);
  }
}
