package org.xdp4j.daemon.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a verb reads from and talks to.
 *
 * @param in standard input
 * @param out standard output, UTF-8, buffered
 * @param err standard error, UTF-8
 * @param showsProgress whether standard error is a terminal that a progress bar may live on
 * @param debug whether errors come with their stack traces
 */
public record Console(
    InputStream in, PrintStream out, PrintStream err, boolean showsProgress, boolean debug) {

  private static final int OUT_BUFFER = 1 << 16;

  /** The process's own streams. The launcher says in {@code xdp4j.progress} what they are. */
  static Console ofProcess() {
    return new Console(
        new FileInputStream(FileDescriptor.in),
        new PrintStream(
            new WatchedOutput(new FileOutputStream(FileDescriptor.out), OUT_BUFFER),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Boolean.getBoolean("xdp4j.progress"),
        System.getenv("XDP4J_DEBUG") != null);
  }

  /** Prints one sentence for the user on standard error. */
  void complain(String sentence) {
    out.flush();
    err.println("xdp4j: " + sentence);
  }
}
