package org.xdp4j.daemon.control.client;

import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112, section 7.1). */
final class ChunkedInput extends InputStream {
  private final InputStream in;
  private LimitedInput chunk;
  private boolean first = true;
  private boolean over;

  ChunkedInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (!over) {
      int count = chunk == null ? -1 : chunk.read(into, offset, length);
      if (count >= 0) {
        return count;
      }
      nextChunk();
    }
    return -1;
  }

  private void nextChunk() throws IOException {
    if (!first) {
      ControlClient.Response.line(in);
    }
    first = false;
    String size = ControlClient.Response.line(in).split(";", 2)[0].strip();
    try {
      long bytes = Long.parseLong(size, 16);
      chunk = new LimitedInput(in, bytes);
      over = bytes == 0;
    } catch (NumberFormatException e) {
      throw new IOException("the answer's chunks are broken", e);
    }
  }
}
