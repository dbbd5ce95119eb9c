package org.xdp4j.daemon.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A buffer in front of an output that remembers why it could no longer be written, which a {@link
 * java.io.PrintStream} only tells as yes or no.
 */
class ReasonedOutput extends OutputStream {
  private final BufferedOutputStream buffered;
  private volatile IOException reason;

  ReasonedOutput(OutputStream target, int bufferSize) {
    buffered = new BufferedOutputStream(target, bufferSize);
  }

  /** What writing ended with, or null. */
  final IOException reason() {
    return reason;
  }

  /** It could not be written. */
  void failed(IOException e) {
    reason = e;
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
      failed(e);
      throw e;
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      buffered.flush();
    } catch (IOException e) {
      failed(e);
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      buffered.close();
    } catch (IOException e) {
      failed(e);
      throw e;
    }
  }
}
