package org.xdp4j.engine.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.capture.CaptureException;
import org.xdp4j.engine.capture.CaptureInterface;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.CaptureWindow;
import org.xdp4j.engine.capture.LinkType;
import org.xdp4j.engine.capture.RecordBatch;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/**
 * The frames of captures, one after the other, the whole list as often as asked. Interface {@code
 * i} of a capture (0 for pcap) is interface index {@code i + 1} of the replay. Frames that are not
 * Ethernet, shorter than its header, or too large for the region are received and dropped, each
 * counted by its reason. A capture that ends badly is left there, and the next one goes on.
 *
 * <p>Owned by one thread; {@link #position} and {@link #stop} are for any.
 */
public final class CaptureSource implements Receiver {
  private static final int ETHERNET_HEADER = 14;
  private static final int MAX_NAMED = 4096;
  private static final int BATCH = 64;
  private static final int CACHE_LINE = 64;

  private final List<Path> captures;
  private final long passes;
  private final Counters counters;
  private final Region region;
  private final MemorySegment memory;
  private final CaptureWindow window;
  private final RecordBatch records = new RecordBatch(BATCH);
  private final ReplayClock clock = new ReplayClock();
  private final List<CaptureException> problems = new ArrayList<>();
  private final Map<Integer, String> names = new TreeMap<>();

  private CaptureReader reader;
  private int cursor;
  private long bytes;
  private boolean exhausted;
  private boolean freed;
  private int namedSections;
  private int namedCount;
  private int next;
  private long pass;
  private boolean ended;
  private long sequence;
  private long bytesBefore;
  private volatile long position;
  private volatile ReadableByteChannel standardInput;

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
    this.region = region;
    this.memory = region.segment();
    this.window = windowIn(region);
    try {
      check();
      openNext();
    } catch (IOException | RuntimeException e) {
      freeWindow();
      throw e;
    }
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

  private void freeWindow() {
    if (window != null && !freed) {
      freed = true;
      region.free(window.start(), window.size());
    }
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
    bytes = 0;
    exhausted = false;
    while (count < max && !exhausted && (cursor < records.size || advance())) {
      count = place(pool, into, count, max);
    }
    if (count > 0) {
      counters.add(Counter.RECEIVED, count);
      counters.add(Counter.RECEIVED_BYTES, bytes);
    }
    return count;
  }

  /** Copies records at hand into frames and returns how many frames there are then. */
  private int place(FramePool pool, Frame[] into, int start, int max) {
    RecordBatch from = records;
    MemorySegment source = reader.memory();
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
      frame.nanos = clock.at(nanos);
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
    boolean whole = reader.memory() == memory;
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
    clock.at(from.nanos, start, to.nanos, size);
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
        MemorySegment.copy(reader.memory(), data, memory, free, length);
        data = free;
        free += length;
      }
      to.data[count] = data;
      to.dataEnd[count] = data + length;
      to.ingressIfindex[count] = from.interfaceIndex[i] + 1;
      to.nanos[count] = clock.at(from.nanos[i]);
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

  /** Moves to the next records, of the next capture if need be. */
  private boolean advance() {
    cursor = 0;
    records.size = 0;
    while (!ended) {
      try {
        if (reader.next(records)) {
          note(reader);
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

  private void note(CaptureReader current) {
    position = bytesBefore + current.nextPosition();
    List<CaptureInterface> interfaces = current.interfaces();
    if (current.sections() != namedSections || interfaces.size() != namedCount) {
      namedSections = current.sections();
      namedCount = interfaces.size();
      for (CaptureInterface one : interfaces) {
        if (names.size() < MAX_NAMED) {
          names.putIfAbsent(one.index() + 1, one.name());
        }
      }
    }
  }

  /** Goes through the only capture once more, if that is what is next. */
  private boolean again() {
    try {
      if (captures.size() > 1 || pass + 1 >= passes || !reader.rewind()) {
        return false;
      }
    } catch (CaptureException e) {
      note(e);
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
    Path capture = captures.get(next++);
    if (capture.toString().equals(CaptureReader.STDIN)) {
      standardInput = CaptureReader.standardInput();
      reader =
          CaptureReader.open(
              Channels.newInputStream(standardInput), CaptureReader.STDIN_NAME, window);
    } else {
      reader = CaptureReader.open(capture, window);
    }
  }

  private void closeReader() {
    bytesBefore += Math.max(0, reader.nextPosition());
    reader.close();
    reader = null;
    namedSections = 0;
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
      return CaptureReader.isPlain(capture) ? Files.size(capture) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** Bytes of (uncompressed) capture read so far, over all passes. */
  public long position() {
    return position;
  }

  /** Ends a wait for more of standard input. From any thread. */
  public void stop() {
    ReadableByteChannel waited = standardInput;
    if (waited != null) {
      try {
        waited.close();
      } catch (IOException e) {
        // Nothing more is wanted of it.
        standardInput = null;
      }
    }
  }

  @Override
  public void close() {
    if (reader != null) {
      closeReader();
    }
    ended = true;
    freeWindow();
  }
}
