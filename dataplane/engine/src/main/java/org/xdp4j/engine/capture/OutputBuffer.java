package org.xdp4j.engine.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One large buffer in front of a file. Room is reserved a record at a time, so that only whole
 * records are ever handed to the file. Owned by one thread.
 */
final class OutputBuffer implements AutoCloseable {
  /** Bytes of the buffer; the largest record fits several times. */
  static final int CAPACITY = 1 << 20;

  /** What the record that room was reserved for is written to. */
  final MemorySegment memory;

  private final String name;
  private final Arena arena = Arena.ofShared();
  private final FileChannel channel;
  private final ByteBuffer bytes;
  private int position;

  /** Bytes of the buffer that a flush which then failed had written. */
  private int flushed;

  private long written;
  private boolean closed;

  /** The file is as it was found: it is emptied before the first byte is written. */
  private boolean untouched;

  /** There was none. */
  private final Path made;

  private OutputBuffer(String name, FileChannel channel, boolean untouched, Path made) {
    this.name = name;
    this.channel = channel;
    this.untouched = untouched;
    this.made = made;
    this.memory = arena.allocate(CAPACITY, 64);
    this.bytes = memory.asByteBuffer();
  }

  static OutputBuffer create(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return new OutputBuffer(file.toString(), channel, false, null);
  }

  /** Opens a file without changing what is in it before something is written. */
  static OutputBuffer open(Path file) throws IOException {
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new OutputBuffer(file.toString(), channel, true, file);
    } catch (FileAlreadyExistsException e) {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      return new OutputBuffer(file.toString(), channel, true, null);
    }
  }

  /** Makes room for a record and returns where in {@link #memory} it starts. */
  long reserve(int size) throws IOException {
    if (size > CAPACITY - position) {
      flush();
    }
    int start = position;
    position += size;
    return start;
  }

  long length() {
    return written + position;
  }

  void flush() throws IOException {
    bytes.clear().limit(position).position(flushed);
    try {
      if (untouched) {
        if (channel.size() > 0) { // what is no file has none, and cannot be cut
          channel.truncate(0);
        }
        untouched = false;
      }
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      flushed = bytes.position(); // a second try goes on from here and writes nothing twice
      throw new IOException("cannot write " + name + ": " + e.getMessage(), e);
    }
    written += position;
    position = 0;
    flushed = 0;
  }

  /** Closes it and leaves the file as it was found, if nothing was written yet. */
  void abandon() throws IOException {
    if (!untouched) {
      close();
    } else if (!closed) {
      closed = true;
      arena.close();
      channel.close();
      if (made != null) {
        Files.deleteIfExists(made);
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (channel) {
      flush();
    } finally {
      arena.close();
    }
  }
}
