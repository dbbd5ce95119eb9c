package org.xdp4j.daemon.cli;

import java.io.IOException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code xdp4j top}: a running daemon's figures, live in the terminal. */
@Command(
    name = "top",
    description = {
      "Shows a running daemon live: rates of ports, what becomes of frames, drops by reason,"
          + " workers and latency. Keys: q ends, space holds the picture.",
      "",
      "Where there is no terminal, or with --json, it prints one picture after the other."
    },
    footer = {"  xdp4j top", "  xdp4j top --interval 5", "  xdp4j top --json --count 10"})
final class TopCommand extends DaemonVerb {
  private static final String ALTERNATE = "\033[?1049h\033[?25l";
  private static final String NORMAL = "\033[?25h\033[?1049l";
  private static final String HOME = "\033[H";
  private static final String CLEAR_LINE = "\033[K";
  private static final String CLEAR_REST = "\033[J";

  @Option(
      names = {"-i", "--interval"},
      paramLabel = "SECONDS",
      defaultValue = "1",
      description = "Time between two pictures; ${DEFAULT-VALUE} without it.")
  private double interval;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      description = "End after so many pictures.")
  private long count;

  private boolean left;

  TopCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException, CliException {
    if (!(interval >= 0.1 && interval <= 3600)) {
      throw CliException.unusable("--interval is 0.1 to 3600 seconds, not " + interval);
    }
    Node first = figures(daemon);
    if (json || console.style() == Style.PLAIN) {
      return plain(daemon, first);
    }
    try (Terminal terminal = terminal()) {
      return Terminal.TYPE_DUMB.equals(terminal.getType())
          ? plain(daemon, first)
          : live(daemon, first, terminal);
    } catch (IOException e) {
      throw CliException.unusable("the terminal cannot be used: " + e.getMessage(), e);
    }
  }

  /** Signals stay the JVM's: JLine would let Ctrl-C end the process with the screen as it is. */
  private static Terminal terminal() throws IOException {
    return TerminalBuilder.builder().system(true).dumb(true).nativeSignals(false).build();
  }

  private static Node figures(ControlClient daemon) throws ClientException {
    return Node.of(daemon.get("/v1/figures"));
  }

  /** Pictures one after the other. */
  private int plain(ControlClient daemon, Node first) throws ClientException {
    TopPicture picture = new TopPicture(Style.PLAIN);
    Node before = first;
    for (long i = 0; count == 0 || i < count; i++) {
      if (!pause()) {
        return ExitStatus.INTERRUPTED;
      }
      Node now = figures(daemon);
      if (json) {
        console.out().writeBytes(JsonWriter.line(now.members()));
      } else {
        picture.lines(before, now, 100).forEach(console.out()::println);
        console.out().println();
      }
      if (!console.isRead()) {
        break;
      }
      before = now;
    }
    return ExitStatus.OK;
  }

  private boolean pause() {
    try {
      Thread.sleep(Math.round(interval * 1000));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private int live(ControlClient daemon, Node first, Terminal terminal)
      throws ClientException, IOException {
    Attributes before = terminal.enterRawMode();
    Thread restore = new Thread(() -> leave(terminal, before), "xdp4j-top-restore");
    Runtime.getRuntime().addShutdownHook(restore);
    terminal.writer().print(ALTERNATE);
    try {
      return loop(daemon, first, terminal);
    } finally {
      leave(terminal, before);
      try {
        Runtime.getRuntime().removeShutdownHook(restore);
      } catch (IllegalStateException e) {
        // The process is being shut down, and the terminal is as it was.
      }
    }
  }

  /** Once; nothing is drawn after it, though the process may be on its way out on two threads. */
  private synchronized void leave(Terminal terminal, Attributes before) {
    if (left) {
      return;
    }
    left = true;
    terminal.setAttributes(before);
    terminal.writer().print(NORMAL);
    terminal.writer().flush();
  }

  private int loop(ControlClient daemon, Node first, Terminal terminal)
      throws ClientException, IOException {
    TopPicture picture = new TopPicture(console.style());
    Node before = first;
    Node now = first;
    boolean held = false;
    for (long i = 0; count == 0 || i < count; i++) {
      if (!held) {
        draw(terminal, picture, before, now);
      }
      int key = terminal.reader().read(Math.round(interval * 1000));
      if (key == 'q' || key == 'Q' || key == 3 || key == 4 || key == NonBlockingReader.EOF) {
        return ExitStatus.OK;
      }
      held = key == ' ' ? !held : held;
      if (!held) {
        before = now;
        now = figures(daemon);
      }
    }
    return ExitStatus.OK;
  }

  private synchronized void draw(Terminal terminal, TopPicture picture, Node before, Node now) {
    if (left) {
      return;
    }
    Size size = terminal.getSize();
    int width = size.getColumns() > 0 ? size.getColumns() : 80;
    int height = size.getRows() > 0 ? size.getRows() : 24;
    StringBuilder screen = new StringBuilder(HOME);
    for (String line : picture.lines(before, now, width, height - 1)) {
      // Cleared before: behind a full line the cursor still stands on its last letter.
      screen.append(CLEAR_LINE).append(line).append("\r\n");
    }
    terminal.writer().print(screen.append(CLEAR_REST));
    terminal.writer().flush();
  }
}
