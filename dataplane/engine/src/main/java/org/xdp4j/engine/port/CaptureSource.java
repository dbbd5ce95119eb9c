package org.xdp4j.engine.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.CaptureWindow;
import org.xdp4j.engine.capture.LinkType;
import org.xdp4j.engine.capture.RecordBatch;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * The frames of captures. Interface {@code i} of a capture (0 for pcap) is interface index {@code i
 * + 1} of the replay. Frames that are not Ethernet, shorter than its header, or too large for the
 * region are received and dropped, each counted by its reason.
 *
 * <p>Owned by one thread. Several may share one {@link CaptureRecords}, each on a thread of its
 * own: each then takes a stretch of records at a time.
 */
public final class CaptureSource implements Receiver {
  private static final int ETHERNET_HEADER = 14;
  private static final int CACHE_LINE = 64;

  /** Records taken at once by a source that shares them with nobody. */
  private static final int FEW = 64;

  /** Records taken at once by one that does: about a window of the smallest frames. */
  private static final int MANY = 8192;

  private final CaptureRecords captures;
  private final Counters counters;
  private final Region region;
  private final MemorySegment memory;
  private final CaptureWindow window;
  private final RecordBatch records;
  private final long[] times;
  private final Turns turns;
  private final Runnable write;

  /** What the records at hand lie in. */
  private MemorySegment holder;

  private int cursor;
  private long bytes;
  private boolean exhausted;
  private boolean freed;
  private long turn = Turns.NONE;
  private long sequence;

  private CaptureSource(
      CaptureRecords captures,
      CaptureWindow window,
      int records,
      Region region,
      Counters counters,
      Turns turns,
      Runnable write) {
    this.captures = captures;
    this.window = window;
    this.records = new RecordBatch(records);
    this.times = new long[records];
    this.region = region;
    this.memory = region.segment();
    this.counters = counters;
    this.turns = turns;
    this.write = write;
  }

  /**
   * Opens captures for one source alone; they are closed with it.
   *
   * @throws IOException as {@link CaptureRecords} does
   */
  public static CaptureSource open(
      List<Path> captures, long passes, Region region, Counters counters) throws IOException {
    CaptureWindow window = windowIn(region);
    try {
      CaptureRecords records = new CaptureRecords(captures, passes, window);
      return new CaptureSource(records, window, FEW, region, counters, null, null);
    } catch (IOException | RuntimeException e) {
      if (window != null) {
        region.free(window.start(), window.size());
      }
      throw e;
    }
  }

  /**
   * Makes one of several sources of the same captures.
   *
   * @param write called when all frames of a stretch were run and it is the stretch's turn
   */
  public static CaptureSource share(
      CaptureRecords captures, Region region, Counters counters, Turns turns, Runnable write) {
    return new CaptureSource(captures, windowIn(region), MANY, region, counters, turns, write);
  }

  /** Memory of the programs', so that records can be run where they are read to; null for none. */
  private static CaptureWindow windowIn(Region region) {
    try {
      long start = region.allocate(CaptureWindow.SIZE, CACHE_LINE);
      return new CaptureWindow(region.segment(), start, CaptureWindow.SIZE);
    } catch (OutOfRegionException e) {
      return null;
    }
  }

  /** The captures it takes records of. */
  public CaptureRecords captures() {
    return captures;
  }

  /** Takes the next records and says whether there are any. */
  private boolean advance() {
    endTurn();
    cursor = 0;
    if (!captures.lock().isHeldByCurrentThread()) {
      captures.lock().lock();
    }
    try {
      turn = captures.next(window, records, times);
      holder = turn == Turns.NONE ? memory : captures.reader().memory();
    } finally {
      // While records lie in memory of the reader's, nobody else may read.
      if (holder == memory) {
        captures.lock().unlock();
      }
    }
    return turn != Turns.NONE;
  }

  /** Says that all frames taken are done with. By whoever runs them, when they run no more. */
  public void endTurn() {
    if (turns != null && turn != Turns.NONE) {
      turns.end(turn, write);
    }
    turn = Turns.NONE;
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    int count = 0;
    bytes = 0;
    exhausted = false;
    while (count < max && !exhausted && (cursor < records.size || mayEndTurn(count) && advance())) {
      count = place(pool, into, count, max);
    }
    if (count > 0) {
      counters.add(Counter.RECEIVED, count);
      counters.add(Counter.RECEIVED_BYTES, bytes);
    }
    return count;
  }

  /** Whether the next stretch may be taken: frames received by now are of the one before. */
  private boolean mayEndTurn(int received) {
    return turns == null || received == 0;
  }

  /** Copies records at hand into frames and returns how many frames there are then. */
  private int place(FramePool pool, Frame[] into, int start, int max) {
    RecordBatch from = records;
    MemorySegment source = holder;
    int count = start;
    int i = cursor;
    for (; i < from.size && count < max; i++) {
      int length = from.capturedLength[i];
      if (length < ETHERNET_HEADER || from.linkType[i] != LinkType.ETHERNET) {
        refuse(length < ETHERNET_HEADER ? DropReason.TOO_SHORT : DropReason.NOT_ETHERNET, length);
        continue;
      }
      Frame frame = pool.acquire(length, into[count]);
      if (frame == null) {
        if (pool.canHold(length)) {
          exhausted = true;
          break;
        }
        refuse(DropReason.NO_BUFFER, length);
        continue;
      }
      MemorySegment.copy(source, from.data[i], memory, frame.data, length);
      long nanos = from.nanos[i];
      frame.cutBytes = Math.max(0, from.originalLength[i] - length);
      frame.timestamp = nanos;
      frame.nanos = times[i];
      frame.ingress = from.interfaceIndex[i] + 1;
      frame.sequence = sequence++;
      bytes += length;
      into[count++] = frame;
    }
    cursor = i;
    return count;
  }

  /**
   * Whether {@link #receive(RecordBatch, XdpBatch)} has what it needs: room in the region to read
   * captures to.
   */
  public boolean readsInPlace() {
    return window != null;
  }

  /**
   * Receives frames without a buffer each: {@code to} says where the records at hand lie in the
   * region. There is no room before or behind a frame, and its bytes are there until the next call.
   *
   * @param origin gets what else is known of each frame, at the same index; null for nothing
   * @param to made {@link XdpBatch#inPlace}
   * @return frames received, from index 0
   */
  public int receive(RecordBatch origin, XdpBatch to) {
    to.size = 0;
    while (to.size == 0 && (cursor < records.size || advance())) {
      lay(origin, to);
    }
    if (to.size > 0) {
      counters.add(Counter.RECEIVED, to.size);
      counters.add(Counter.RECEIVED_BYTES, bytes);
    }
    return to.size;
  }

  private void lay(RecordBatch origin, XdpBatch to) {
    boolean whole = holder == memory;
    int size = Math.min(records.size - cursor, to.capacity());
    if (whole && arePlain(records, cursor, size)) {
      layPlain(origin, to, size);
    } else {
      layOneByOne(origin, to, whole);
    }
  }

  /** Whether none of these records is to be refused. */
  private static boolean arePlain(RecordBatch from, int start, int size) {
    int least = Integer.MAX_VALUE;
    int foreign = 0;
    for (int i = start; i < start + size; i++) {
      least = Math.min(least, from.capturedLength[i]);
      foreign |= from.linkType[i] ^ LinkType.ETHERNET;
    }
    return least >= ETHERNET_HEADER && foreign == 0;
  }

  /** Lays records a column at a time: loops that the compiler unrolls and makes vectors of. */
  private void layPlain(RecordBatch origin, XdpBatch to, int size) {
    RecordBatch from = records;
    int start = cursor;
    long sum = 0;
    System.arraycopy(from.data, start, to.data, 0, size);
    for (int i = 0; i < size; i++) {
      int length = from.capturedLength[start + i];
      to.dataEnd[i] = from.data[start + i] + length;
      sum += length;
    }
    for (int i = 0; i < size; i++) {
      to.ingressIfindex[i] = from.interfaceIndex[start + i] + 1;
    }
    System.arraycopy(times, start, to.nanos, 0, size);
    if (origin != null) {
      System.arraycopy(from.nanos, start, origin.nanos, 0, size);
      System.arraycopy(from.originalLength, start, origin.originalLength, 0, size);
    }
    cursor = start + size;
    to.size = size;
    bytes = sum;
  }

  private void layOneByOne(RecordBatch origin, XdpBatch to, boolean whole) {
    RecordBatch from = records;
    long free = window.start();
    long sum = 0;
    int count = 0;
    int i = cursor;
    for (; i < from.size && count < to.capacity(); i++) {
      int length = from.capturedLength[i];
      if (length < ETHERNET_HEADER || from.linkType[i] != LinkType.ETHERNET) {
        refuse(length < ETHERNET_HEADER ? DropReason.TOO_SHORT : DropReason.NOT_ETHERNET, length);
        continue;
      }
      long data = from.data[i];
      if (!whole) {
        // The reader outgrew the window, which so has room for any frame, if not for all.
        if (length > window.start() + window.size() - free) {
          break;
        }
        MemorySegment.copy(holder, data, memory, free, length);
        data = free;
        free += length;
      }
      to.data[count] = data;
      to.dataEnd[count] = data + length;
      to.ingressIfindex[count] = from.interfaceIndex[i] + 1;
      to.nanos[count] = times[i];
      if (origin != null) {
        origin.nanos[count] = from.nanos[i];
        origin.originalLength[count] = from.originalLength[i];
      }
      count++;
      sum += length;
    }
    cursor = i;
    to.size = count;
    bytes = sum;
  }

  private void refuse(DropReason reason, int length) {
    counters.add(Counter.RECEIVED, 1);
    counters.add(Counter.RECEIVED_BYTES, length);
    counters.drop(reason, 1, length);
  }

  @Override
  public boolean ended() {
    return cursor >= records.size && captures.ended();
  }

  /** Gives its window back; and closes the captures, unless others share them. */
  @Override
  public void close() {
    if (captures.lock().isHeldByCurrentThread()) {
      captures.lock().unlock();
    }
    if (turns == null) {
      captures.close();
    }
    if (window != null && !freed) {
      freed = true;
      region.free(window.start(), window.size());
    }
  }
}
