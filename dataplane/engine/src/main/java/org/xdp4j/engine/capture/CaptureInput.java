package org.xdp4j.engine.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipException;

/**
 * The bytes of a capture through a window of memory that slides along.
 *
 * <pre>
 *  capture   0 ........... base + start ............. base + limit ......
 *  memory    0 ........... start ........ at ........ limit ....... start + size
 * </pre>
 *
 * Files are read in blocks, not mapped: the system copies them at memory speed, where a mapping
 * costs a fault every few frames, and nothing happens to a reader whose file is cut short
 * meanwhile. Owned by one thread.
 */
final class CaptureInput implements AutoCloseable {
  /** Bytes the window may grow to: the largest thing that must be seen whole. */
  static final int MAX_WINDOW = 1 << 24;

  private static final int CHUNK = 1 << 16;

  private final String name;
  private final Arena arena = Arena.ofShared();
  private final FileChannel file;
  private final long fileSize;
  private final InputStream stream;
  private final byte[] chunk;

  private MemorySegment memory;
  private long start;
  private long size;

  /** The window as a file's channel takes it; null for a stream. */
  private ByteBuffer bytes;

  private long base;
  private long limit;
  private boolean ended;

  private CaptureInput(String name, FileChannel file, InputStream stream, CaptureWindow window)
      throws IOException {
    this.name = name;
    this.file = file;
    this.fileSize = file == null ? -1 : file.size();
    this.stream = stream;
    this.chunk = stream == null ? null : new byte[CHUNK];
    if (window == null) {
      use(arena.allocate(CaptureWindow.SIZE, 64), 0, CaptureWindow.SIZE);
    } else {
      use(window.memory(), window.start(), window.size());
    }
    limit = start;
    base = -start;
  }

  /** Opens a regular file. */
  static CaptureInput open(String name, Path file, CaptureWindow window) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new CaptureInput(name, channel, null, window);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Reads a stream. */
  static CaptureInput stream(String name, InputStream stream, CaptureWindow window)
      throws IOException {
    return new CaptureInput(name, null, stream, window);
  }

  private void use(MemorySegment window, long first, long room) {
    memory = window;
    start = first;
    size = room;
    bytes = file == null ? null : window.asSlice(first, room).asByteBuffer();
  }

  /** Whether it can go on at any place. */
  boolean isSeekable() {
    return file != null;
  }

  String name() {
    return name;
  }

  /** What holds the window; another after {@link #require} where the window had to grow. */
  MemorySegment memory() {
    return memory;
  }

  /** Where the window starts. */
  long start() {
    return start;
  }

  /** Where the capture's bytes in the window end. */
  long limit() {
    return limit;
  }

  /** What an address in the window is to be added to for the capture's byte there. */
  long base() {
    return base;
  }

  /** Bytes of the whole capture, or -1 while a stream's end is not yet seen. */
  long length() {
    return file != null ? fileSize : ended ? base + limit : -1;
  }

  /**
   * Makes {@code wanted} bytes from {@code at} available in the window, moving it if it must.
   *
   * @param wanted at most {@link #MAX_WINDOW}
   * @return where they now are; when the capture ends before they do, the complement ({@code ~}) of
   *     where what there is starts
   */
  long require(long at, long wanted) throws CaptureException {
    if (wanted <= limit - at) {
      return at;
    }
    if (ended) {
      return ~at;
    }
    slideTo(at, wanted);
    while (limit - start < wanted && !ended) {
      fill();
    }
    return limit - start >= wanted ? start : ~start;
  }

  /**
   * Passes over {@code passed} bytes from {@code at}, however many.
   *
   * @return where the byte after them is, or -1 when the capture ends before
   */
  long skip(long at, long passed) throws CaptureException {
    if (passed <= limit - at) {
      return at + passed;
    }
    long left = passed - (limit - at);
    while (true) {
      base += limit - start;
      limit = start;
      if (ended) {
        return -1;
      }
      fill();
      if (left <= limit - start) {
        return start + left;
      }
      left -= limit - start;
    }
  }

  /** Goes on at a byte of the capture, which can be seeked in; returns where it will be. */
  long seek(long offset) throws CaptureException {
    try {
      file.position(offset);
    } catch (IOException e) {
      throw broken("reading failed (" + e.getMessage() + ")");
    }
    base = offset - start;
    limit = start;
    ended = false;
    return start;
  }

  /**
   * Goes on in another window, filled as far as can be had at once; returns where {@code at} is
   * there. What does not fit keeps the window that there is.
   */
  long move(long at, CaptureWindow to) throws CaptureException {
    long kept = limit - at;
    if (kept > to.size()) {
      return at;
    }
    MemorySegment.copy(memory, at, to.memory(), to.start(), kept);
    base += at - to.start();
    use(to.memory(), to.start(), to.size());
    limit = start + kept;
    if (!ended) {
      fill();
    }
    return start;
  }

  private void slideTo(long at, long wanted) {
    MemorySegment from = memory;
    long kept = limit - at;
    base += at - start;
    if (wanted > size) {
      long larger = size;
      while (larger < wanted) {
        larger <<= 1;
      }
      larger = Math.min(larger, MAX_WINDOW);
      base += start;
      use(arena.allocate(larger, 64), 0, larger);
    }
    MemorySegment.copy(from, at, memory, start, kept);
    limit = start + kept;
  }

  private void fill() throws CaptureException {
    try {
      int read = file != null ? fillFromFile() : fillFromStream();
      if (read < 0) {
        ended = true;
      } else {
        limit += read;
      }
    } catch (ClosedChannelException e) {
      // Whoever stops the replay does not wait for more.
      ended = true;
    } catch (EOFException e) {
      throw broken("the gzip data ends early");
    } catch (ZipException e) {
      throw broken("the gzip data is damaged");
    } catch (IOException e) {
      throw broken("reading failed (" + e.getMessage() + ")");
    }
  }

  private int fillFromFile() throws IOException {
    bytes.limit((int) size).position((int) (limit - start));
    return file.read(bytes);
  }

  private int fillFromStream() throws IOException {
    int room = (int) Math.min(chunk.length, start + size - limit);
    int read = stream.read(chunk, 0, room);
    if (read > 0) {
      MemorySegment.copy(chunk, 0, memory, ValueLayout.JAVA_BYTE, limit, read);
    }
    return read;
  }

  private CaptureException broken(String what) {
    ended = true;
    long end = base + limit;
    return new CaptureException(name, end, what + " after " + end + " bytes of capture");
  }

  @Override
  public void close() {
    arena.close();
    try {
      if (file != null) {
        file.close();
      } else {
        stream.close();
      }
    } catch (IOException e) {
      // Everything wanted of it has been read.
      ended = true;
    }
  }
}
