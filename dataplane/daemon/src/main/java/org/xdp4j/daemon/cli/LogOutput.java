package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.PrintStream;

/**
 * A verifier's log on its way out. Logs are long: one that nobody reads any more, or that the disk
 * has no room for, ends the exploring, which a {@link PrintStream} alone would not.
 */
final class LogOutput implements Appendable {
  private final PrintStream out;

  LogOutput(PrintStream out) {
    this.out = out;
  }

  @Override
  public Appendable append(CharSequence text) throws IOException {
    out.append(text);
    IOException failure = WatchedOutput.failure();
    if (failure != null) {
      throw failure;
    }
    return this;
  }

  @Override
  public Appendable append(CharSequence text, int start, int end) throws IOException {
    return append(text.subSequence(start, end));
  }

  @Override
  public Appendable append(char c) throws IOException {
    return append(String.valueOf(c));
  }
}
