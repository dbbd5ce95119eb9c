package org.xdp4j.daemon.control.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** So many bytes of a stream, which must be there; all of it when the number is negative. */
final class LimitedInput extends InputStream {
  private final InputStream in;
  private final boolean bounded;
  private long left;

  LimitedInput(InputStream in, long length) {
    this.in = in;
    this.bounded = length >= 0;
    this.left = bounded ? length : Long.MAX_VALUE;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = in.read(into, offset, (int) Math.min(left, length));
    if (count < 0 && bounded) {
      throw new EOFException("the answer ends too early");
    }
    left -= Math.max(0, count);
    return count;
  }
}
