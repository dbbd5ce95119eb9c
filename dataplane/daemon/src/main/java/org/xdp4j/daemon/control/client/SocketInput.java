package org.xdp4j.daemon.control.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A channel's bytes, through a buffer. */
final class SocketInput extends InputStream {
  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).limit(0);

  SocketInput(SocketChannel channel) {
    this.channel = channel;
  }

  private boolean isAtEnd() throws IOException {
    if (!buffer.hasRemaining()) {
      buffer.clear();
      int count = channel.read(buffer);
      buffer.flip();
      return count < 0;
    }
    return false;
  }

  @Override
  public int read() throws IOException {
    return isAtEnd() ? -1 : buffer.get() & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(into, offset, count);
    return count;
  }
}
