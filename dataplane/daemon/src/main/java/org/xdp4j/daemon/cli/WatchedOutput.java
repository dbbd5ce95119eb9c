package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.OutputStream;

/** Standard output: why it could no longer be written is known to the whole process. */
final class WatchedOutput extends ReasonedOutput {
  private static volatile IOException failure;

  WatchedOutput(OutputStream target, int bufferSize) {
    super(target, bufferSize);
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
  void failed(IOException e) {
    super.failed(e);
    fail(e);
  }
}
