package org.xdp4j.daemon.service;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;

/**
 * The log: what {@link System.Logger} is told, each message a line on standard error. Under systemd
 * a line begins with its priority, as in {@code <4>} (sd-daemon(3)), and the journal adds the time;
 * else it begins with time and level.
 */
public final class ServiceLog {
  /** Kept, so that what is set here stays: it warns of machines without a network, as labs are. */
  private static final Logger NETTY = Logger.getLogger("io.netty");

  private static volatile Handler installed;

  private ServiceLog() {}

  /**
   * Has all loggers of the process write to {@code out}.
   *
   * @param level the least that is written
   * @param journal whether lines begin with priorities
   * @param traces whether errors come with their stack traces
   */
  public static void install(
      OutputStream out, System.Logger.Level level, boolean journal, boolean traces) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    Handler handler = new Lines(out, new Line(journal, traces));
    root.addHandler(handler);
    NETTY.setLevel(Level.SEVERE);
    installed = handler;
    change(level);
  }

  /** Writes from another level on; nothing before there is this log. */
  public static void change(System.Logger.Level level) {
    Handler handler = installed;
    if (handler != null) {
      handler.setLevel(of(level));
      Logger.getLogger("").setLevel(of(level));
    }
  }

  /** Whether standard error leads to systemd's journal. */
  public static boolean isJournal() {
    return System.getenv("JOURNAL_STREAM") != null;
  }

  private static Level of(System.Logger.Level level) {
    return switch (level) {
      case ALL, TRACE -> Level.FINER;
      case DEBUG -> Level.FINE;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR, OFF -> Level.SEVERE;
    };
  }

  /** Writes every message through at once. */
  private static final class Lines extends StreamHandler {
    Lines(OutputStream out, Formatter formatter) {
      super(out, formatter);
    }

    @Override
    public void publish(LogRecord message) {
      super.publish(message);
      flush();
    }
  }

  /** One message, one line. */
  static final class Line extends Formatter {
    private final boolean journal;
    private final boolean traces;

    Line(boolean journal, boolean traces) {
      this.journal = journal;
      this.traces = traces;
    }

    @Override
    public String format(LogRecord message) {
      int priority = priority(message.getLevel());
      Instant time = message.getInstant().truncatedTo(ChronoUnit.MILLIS);
      String head = journal ? "<" + priority + ">" : time + " " + NAMES[priority] + " ";
      String text = formatMessage(message).strip().replaceAll("\\s*\\R\\s*", " ");
      Throwable thrown = message.getThrown();
      String cause = thrown == null ? "" : ": " + thrown.toString().replaceAll("\\s*\\R\\s*", " ");
      return head + text + cause + "\n" + (traces && thrown != null ? trace(thrown) : "");
    }

    private static final String[] NAMES = {
      "error", "error", "error", "error", "warning", "notice", "info", "debug"
    };

    private static int priority(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return 3;
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return 4;
      }
      return level.intValue() >= Level.INFO.intValue() ? 6 : 7;
    }

    private static String trace(Throwable thrown) {
      java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
      thrown.printStackTrace(new PrintStream(bytes, true, StandardCharsets.UTF_8));
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
