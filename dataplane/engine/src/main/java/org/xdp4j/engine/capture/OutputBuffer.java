package org.xdp4j.engine.capture;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

  private OutputBuffer(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
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
    return new OutputBuffer(file.toString(), channel);
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
