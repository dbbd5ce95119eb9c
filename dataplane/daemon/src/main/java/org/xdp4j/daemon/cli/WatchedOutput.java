package org.xdp4j.daemon.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Standard output that remembers why it could no longer be written, which a {@link
 * java.io.PrintStream} only tells as yes or no.
 */
final class WatchedOutput extends OutputStream {
  private static volatile IOException failure;

  private final BufferedOutputStream buffered;

  WatchedOutput(OutputStream target, int bufferSize) {
    buffered = new BufferedOutputStream(target, bufferSize);
  }

  /** Somebody found out otherwise that it cannot be written any more. */
  static void fail(IOException e) {
    failure = e;
  }

  /** What writing standard output ended with, or null. */
  static IOException failure() {
    return failure;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      buffered.write(bytes, offset, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      buffered.flush();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }
}
