package org.xdp4j.engine.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.CaptureException;
import org.xdp4j.engine.capture.CaptureInterface;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * The frames of captures, one after the other, the whole list as often as asked. Interface {@code
 * i} of a capture (0 for pcap) is interface index {@code i + 1} of the replay. Frames that are not
 * Ethernet, shorter than its header, or too large for the region are received and dropped, each
 * counted by its reason. A capture that ends badly is left there, and the next one goes on.
 *
 * <p>Owned by one thread; {@link #position} may be read by any.
 */
public final class CaptureSource implements Receiver {
  private static final int ETHERNET_HEADER = 14;
  private static final int MAX_NAMED = 4096;

  private final List<Path> captures;
  private final long passes;
  private final Counters counters;
  private final MemorySegment memory;
  private final ReplayClock clock = new ReplayClock();
  private final List<CaptureException> problems = new ArrayList<>();
  private final Map<Integer, String> names = new TreeMap<>();

  private CaptureReader reader;
  private CaptureInterface source;
  private int next;
  private long pass;
  private boolean pending;
  private boolean ended;
  private long sequence;
  private long bytesBefore;
  private volatile long position;

  /**
   * Opens the first capture.
   *
   * @param passes how often to go through all of them, 1 or more
   * @throws IOException when a capture cannot be opened or is none; all are tried before the first
   *     frame is read, but for standard input
   */
  public CaptureSource(List<Path> captures, long passes, Region region, Counters counters)
      throws IOException {
    this.captures = List.copyOf(captures);
    this.passes = passes;
    this.counters = counters;
    this.memory = region.segment();
    check();
    openNext();
  }

  private void check() throws IOException {
    for (Path capture : captures) {
      if (capture.toString().equals(CaptureReader.STDIN)) {
        if (passes > 1 || captures.indexOf(capture) != captures.lastIndexOf(capture)) {
          throw new CaptureException("standard input", 0, "can be read only once");
        }
      } else if (captures.size() > 1) {
        CaptureReader.open(capture).close();
      }
    }
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    int count = 0;
    long bytes = 0;
    while (count < max && (pending || advance())) {
      CaptureReader current = reader;
      int length = current.capturedLength();
      if (current.source() != source) {
        changeSource(current.source());
      }
      if (length < ETHERNET_HEADER || !source.isEthernet()) {
        refuse(source.isEthernet() ? DropReason.TOO_SHORT : DropReason.NOT_ETHERNET, length);
        continue;
      }
      Frame frame = pool.acquire(length);
      if (frame == null) {
        if (pool.canHold(length)) {
          pending = true;
          break;
        }
        refuse(DropReason.NO_BUFFER, length);
        continue;
      }
      pending = false;
      fill(frame, current, length);
      bytes += length;
      into[count++] = frame;
    }
    if (count > 0) {
      counters.add(Counter.RECEIVED, count);
      counters.add(Counter.RECEIVED_BYTES, bytes);
      position = bytesBefore + (reader == null ? 0 : reader.nextPosition());
    }
    return count;
  }

  private void fill(Frame frame, CaptureReader current, int length) {
    MemorySegment.copy(current.memory(), current.data(), memory, frame.data, length);
    int original = current.originalLength();
    frame.cutBytes = original > length ? original - length : 0;
    frame.timestamp = current.nanos();
    frame.nanos = clock.at(current.nanos());
    frame.ingress = source.index() + 1;
    frame.sequence = sequence++;
  }

  private void changeSource(CaptureInterface fresh) {
    source = fresh;
    if (names.size() < MAX_NAMED) {
      names.putIfAbsent(fresh.index() + 1, fresh.name());
    }
  }

  private void refuse(DropReason reason, int length) {
    pending = false;
    counters.add(Counter.RECEIVED, 1);
    counters.add(Counter.RECEIVED_BYTES, length);
    counters.drop(reason, 1, length);
  }

  /** Moves to the next record, of the next capture if need be. */
  private boolean advance() {
    while (!ended) {
      try {
        if (reader.next()) {
          return true;
        }
      } catch (CaptureException e) {
        note(e);
      }
      if (again()) {
        continue;
      }
      closeReader();
      try {
        openNext();
      } catch (IOException e) {
        note(
            e instanceof CaptureException c
                ? c
                : new CaptureException(captures.get(next - 1).toString(), 0, e.getMessage()));
      }
    }
    return false;
  }

  /** Goes through the only capture once more, if that is what is next. */
  private boolean again() {
    if (captures.size() > 1 || pass + 1 >= passes || !reader.rewind()) {
      return false;
    }
    bytesBefore += reader.length();
    clock.startCapture();
    pass++;
    return true;
  }

  private void note(CaptureException problem) {
    if (pass == 0) {
      problems.add(problem);
    }
  }

  private void openNext() throws IOException {
    if (next == captures.size()) {
      next = 0;
      pass++;
    }
    if (captures.isEmpty() || pass >= passes) {
      ended = true;
      return;
    }
    clock.startCapture();
    reader = CaptureReader.open(captures.get(next++));
  }

  private void closeReader() {
    bytesBefore += Math.max(0, reader.nextPosition());
    reader.close();
    reader = null;
    source = null;
  }

  /** Stops where it is: no frame follows. */
  public void stop() {
    ended = true;
    pending = false;
  }

  @Override
  public boolean ended() {
    return ended;
  }

  /** How captures ended badly, in the order they were read; each once. */
  public List<CaptureException> problems() {
    return List.copyOf(problems);
  }

  /** The names of interfaces seen so far, by interface index; empty where a capture has none. */
  public Map<Integer, String> names() {
    return Map.copyOf(names);
  }

  /** Bytes a capture has when uncompressed, or -1 when that is only known after reading it. */
  public static long uncompressedSize(Path capture) {
    try {
      return CaptureReader.isMappable(capture) ? Files.size(capture) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** Bytes of (uncompressed) capture read so far, over all passes. */
  public long position() {
    return position;
  }

  @Override
  public void close() {
    if (reader != null) {
      closeReader();
    }
    ended = true;
  }
}
