package org.xdp4j.bpf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.RingBufferMap;
import org.xdp4j.bpf.map.Wakeup;
import org.xdp4j.bpf.memory.Region;

/**
 * Reads the records of {@code BPF_MAP_TYPE_RINGBUF} maps, one or several, as {@code struct
 * ring_buffer} of libbpf does. Records of one map come in the order they were reserved, those
 * discarded not at all. A program that finds no room is told so and counted by {@link #lost}.
 *
 * <p>One thread reads at a time; programs may run meanwhile.
 */
public final class RingBuffer implements AutoCloseable {
  /** Takes a record. */
  @FunctionalInterface
  public interface RecordConsumer {
    /** A program's record. */
    void record(byte[] data);
  }

  private record Source(RingBufferMap map, RecordConsumer to) {}

  private final List<Source> sources = new ArrayList<>();
  private final Wakeup wakeup = new Wakeup();

  /** A reader of one map, to which others may be added. */
  public static RingBuffer open(BpfMap map, RecordConsumer to) {
    return new RingBuffer().add(map, to);
  }

  /**
   * Reads another map, too.
   *
   * @throws IllegalArgumentException when the map is of another type
   * @throws IllegalStateException when another one waits for its records
   */
  public RingBuffer add(BpfMap map, RecordConsumer to) {
    if (!(map instanceof RingBufferMap ring)) {
      throw new IllegalArgumentException(
          "map " + map.name() + " is a " + map.spec().type() + ", not a RINGBUF");
    }
    ring.tell(wakeup);
    sources.add(new Source(ring, to));
    return this;
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
    for (Source source : sources) {
      taken +=
          source.map.poll(
              (memory, address, size) ->
                  source.to.record(memory.asSlice(address, size).toArray(Region.BYTE)));
    }
    return taken;
  }

  /** Records that found no room so far, in all maps. */
  public long lost() {
    return sources.stream().mapToLong(source -> source.map.dropped()).sum();
  }

  /** Is told of records no more. */
  @Override
  public void close() {
    sources.forEach(source -> source.map.untell(wakeup));
    sources.clear();
  }
}
