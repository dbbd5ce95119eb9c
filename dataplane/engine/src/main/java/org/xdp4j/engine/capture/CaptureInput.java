package org.xdp4j.engine.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipException;

/**
 * The bytes of a capture through a window of memory: for a file the whole of it, mapped; for a
 * stream a buffer that slides along.
 *
 * <pre>
 *  capture   0 ........... base ................. base + limit ......
 *  window                  0 ........ at ........ limit
 * </pre>
 *
 * Owned by one thread.
 */
final class CaptureInput implements AutoCloseable {
  /** Bytes the window of a stream starts with. */
  static final int FIRST_WINDOW = 1 << 18;

  /** Bytes the window of a stream may grow to: the largest thing that must be seen whole. */
  static final int MAX_WINDOW = 1 << 24;

  private static final int CHUNK = 1 << 16;

  private final String name;
  private final Arena arena = Arena.ofShared();
  private final InputStream stream;
  private final byte[] chunk;

  private MemorySegment memory;
  private long base;
  private long limit;
  private boolean ended;

  private CaptureInput(String name, InputStream stream) {
    this.name = name;
    this.stream = stream;
    this.chunk = stream == null ? null : new byte[CHUNK];
  }

  /** Maps a regular file, all of it. */
  static CaptureInput map(String name, Path file) throws IOException {
    CaptureInput input = new CaptureInput(name, null);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      input.limit = channel.size();
      input.memory =
          input.limit == 0
              ? MemorySegment.NULL
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, input.limit, input.arena);
      input.ended = true;
      return input;
    } catch (IOException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  /** Reads a stream through a window. */
  static CaptureInput stream(String name, InputStream stream) {
    CaptureInput input = new CaptureInput(name, stream);
    input.memory = input.arena.allocate(FIRST_WINDOW, 8);
    return input;
  }

  /** Whether the window is the whole capture. */
  boolean isMapped() {
    return stream == null;
  }

  String name() {
    return name;
  }

  /** The window; another one after {@link #require} or {@link #skip} moved it. */
  MemorySegment memory() {
    return memory;
  }

  /** Bytes of the window that hold capture. */
  long limit() {
    return limit;
  }

  /** The capture's byte at index 0 of the window. */
  long base() {
    return base;
  }

  /** Bytes of the whole capture, or -1 while a stream's end is not yet seen. */
  long length() {
    return ended ? base + limit : -1;
  }

  /**
   * Makes {@code bytes} bytes from {@code at} available in the window, moving it if it must.
   *
   * @param bytes at most {@link #MAX_WINDOW}
   * @return where they now start; when the capture ends before they do, the complement ({@code ~})
   *     of where what there is starts
   */
  long require(long at, long bytes) throws CaptureException {
    if (bytes <= limit - at) {
      return at;
    }
    if (ended) {
      return ~at;
    }
    slideTo(at, bytes);
    while (limit < bytes && !ended) {
      fill();
    }
    return limit >= bytes ? 0 : ~0;
  }

  /**
   * Passes over {@code bytes} bytes from {@code at}, however many.
   *
   * @return the index after them, or -1 when the capture ends before
   */
  long skip(long at, long bytes) throws CaptureException {
    if (bytes <= limit - at) {
      return at + bytes;
    }
    if (stream == null) {
      return -1;
    }
    long left = bytes - (limit - at);
    while (true) {
      base += limit;
      limit = 0;
      if (ended) {
        return -1;
      }
      fill();
      if (left <= limit) {
        return left;
      }
      left -= limit;
    }
  }

  private void slideTo(long at, long bytes) {
    MemorySegment target = memory;
    if (bytes > memory.byteSize()) {
      long size = memory.byteSize();
      while (size < bytes) {
        size <<= 1;
      }
      target = arena.allocate(Math.min(size, MAX_WINDOW), 8);
    }
    long kept = limit - at;
    MemorySegment.copy(memory, at, target, 0, kept);
    memory = target;
    base += at;
    limit = kept;
  }

  private void fill() throws CaptureException {
    int room = (int) Math.min(chunk.length, memory.byteSize() - limit);
    try {
      int read = stream.read(chunk, 0, room);
      if (read < 0) {
        ended = true;
        return;
      }
      MemorySegment.copy(chunk, 0, memory, ValueLayout.JAVA_BYTE, limit, read);
      limit += read;
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

  private CaptureException broken(String what) {
    ended = true;
    long end = base + limit;
    return new CaptureException(name, end, what + " after " + end + " bytes of capture");
  }

  @Override
  public void close() {
    arena.close();
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException e) {
        // Everything wanted of it has been read.
        ended = true;
      }
    }
  }
}
