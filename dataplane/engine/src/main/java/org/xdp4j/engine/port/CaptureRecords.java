package org.xdp4j.engine.port;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.xdp4j.engine.capture.CaptureException;
import org.xdp4j.engine.capture.CaptureInterface;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.CaptureWindow;
import org.xdp4j.engine.capture.RecordBatch;

/**
 * The records of captures, one after the other, the whole list as often as asked. A capture that
 * ends badly is left there, and the next one goes on.
 *
 * <p>Several threads may take records in turns, each into a window of its own: a turn is a stretch
 * of one capture from one record's boundary to another's. Whoever calls {@link #next} holds {@link
 * #lock}; the rest is for any thread.
 */
public final class CaptureRecords implements AutoCloseable {
  private static final int MAX_NAMED = 4096;

  private final List<Path> captures;
  private final long passes;
  private final ReentrantLock lock = new ReentrantLock();
  private final ReplayClock clock = new ReplayClock();
  private final List<CaptureException> problems = new ArrayList<>();
  private final Map<Integer, String> names = new TreeMap<>();

  private CaptureReader reader;
  private CaptureWindow window;
  private long turns;
  private int namedSections;
  private int namedCount;
  private int next;
  private long pass;
  private long bytesBefore;
  private volatile boolean ended;
  private volatile long position;
  private volatile ReadableByteChannel standardInput;

  /**
   * Opens the first capture.
   *
   * @param passes how often to go through all of them, 1 or more
   * @param window what the first records are read into; null for memory of the reader's own
   * @throws IOException when a capture cannot be opened or is none; all are tried before the first
   *     record is read, but for standard input
   */
  public CaptureRecords(List<Path> captures, long passes, CaptureWindow window) throws IOException {
    this.window = window;
    this.captures = List.copyOf(captures);
    this.passes = passes;
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

  /** To be held while records are taken, and while they lie outside of the taker's window. */
  ReentrantLock lock() {
    return lock;
  }

  /**
   * Takes the next records.
   *
   * @param into what they are read into; null for memory of the reader's own
   * @param times gets each record's time on a clock that never goes back
   * @return the number of this turn, from 0; -1 when there are no more records
   */
  long next(CaptureWindow into, RecordBatch records, long[] times) {
    records.size = 0;
    while (!ended) {
      try {
        if (into != null && (into != window || reader.memory() != into.memory())) {
          window = into;
          reader.readInto(into);
        }
        if (reader.next(records)) {
          note(reader);
          clock.at(records.nanos, 0, times, records.size);
          return turns++;
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
    return -1;
  }

  /** What reads them now: its memory holds the records taken last. */
  CaptureReader reader() {
    return reader;
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

  /** Whether there will never be another record. */
  public boolean ended() {
    return ended;
  }

  /** How captures ended badly, in the order they were read; each once. */
  public List<CaptureException> problems() {
    lock.lock();
    try {
      return List.copyOf(problems);
    } finally {
      lock.unlock();
    }
  }

  /** The names of interfaces seen so far, by interface index; empty where a capture has none. */
  public Map<Integer, String> names() {
    lock.lock();
    try {
      return Map.copyOf(names);
    } finally {
      lock.unlock();
    }
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

  /** Ends a wait for more of standard input. */
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
  }
}
