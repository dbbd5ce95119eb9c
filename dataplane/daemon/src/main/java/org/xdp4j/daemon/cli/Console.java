package org.xdp4j.daemon.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a verb reads from and talks to.
 *
 * @param in standard input
 * @param out standard output, UTF-8, buffered
 * @param err standard error, UTF-8
 * @param showsProgress whether standard error is a terminal that a progress bar may live on
 * @param debug whether errors come with their stack traces
 * @param style whether standard output is a terminal that shows colours
 */
public record Console(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean showsProgress,
    boolean debug,
    Style style) {

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
        System.getenv("XDP4J_DEBUG") != null,
        isColoured() ? Style.COLOURED : Style.PLAIN);
  }

  /** Whether standard output is a terminal, and nobody asked for no colours (no-color.org). */
  private static boolean isColoured() {
    String none = System.getenv("NO_COLOR");
    if (none != null && !none.isEmpty() || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      String output = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return output.startsWith("/dev/pts/") || output.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null && System.console().isTerminal();
    }
  }

  /**
   * Whether these are the process's own streams. Only then is the process the verb's, to change
   * what concerns all of it: signals, privileges, the log.
   */
  boolean isOfProcess() {
    return in instanceof FileInputStream;
  }

  /**
   * Flushes standard output and says whether it could be written, which a stream of text tells only
   * when it is asked. Verbs that go on ask after each piece and end when nobody reads on; {@link
   * Main} finds the exit status.
   */
  boolean isRead() {
    return !out.checkError();
  }

  /** Prints one sentence for the user on standard error. */
  void complain(String sentence) {
    out.flush();
    err.println("xdp4j: " + sentence);
  }
}
