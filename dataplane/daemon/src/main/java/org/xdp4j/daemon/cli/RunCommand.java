package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xdp4j.daemon.config.ConfigException;
import org.xdp4j.daemon.config.Configuration;
import org.xdp4j.daemon.run.Daemon;
import org.xdp4j.daemon.run.DaemonException;
import org.xdp4j.daemon.run.QuickSource;
import org.xdp4j.daemon.service.Account;
import org.xdp4j.daemon.service.Priorities;
import org.xdp4j.daemon.service.PrivilegeException;
import org.xdp4j.daemon.service.Privileges;
import org.xdp4j.daemon.service.ServiceLog;
import org.xdp4j.daemon.service.ServiceManager;
import org.xdp4j.daemon.service.Signals;
import org.xdp4j.engine.forward.ForwardBooks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code xdp4j run}: the daemon. */
@Command(
    name = "run",
    description = {
      "Forwards frames between ports as a configuration file says.",
      "dataplane/daemon/CONFIG.md has all keys. Prints a line when it is ready, and the balance of",
      "all frames when it ends.",
      "",
      "SIGHUP and `xdp4j reload` have it read its file again: it changes to what the file says as",
      "one transaction, or refuses it whole and goes on as before. SIGTERM and SIGINT have it see",
      "what it has received to its end, and end with 0; a later one ends it at once.",
      "",
      "Without a file, each --tap is a port with an interface of the same name, between which is",
      "routed."
    },
    footer = {
      "  xdp4j run --config router.toml",
      "  xdp4j run --tap left=10.0.1.1/24,fd00:1::1/64 --tap right=10.0.2.1/24",
      "  xdp4j run --tap left=10.0.1.1/24 --program filters/firewall.bpf.o"
    })
final class RunCommand extends Verb {
  private static final long LOOK = 100;

  /** 128 + SIGTERM. */
  private static final int TERMINATED = 143;

  /**
   * Nanoseconds in which two signals are one: timeout(1) sends it to the process, then to its
   * group.
   */
  private static final long TOGETHER = 250_000_000L;

  @Option(names = "--config", paramLabel = "FILE", description = "The configuration file.")
  private Path config;

  @Option(
      names = "--tap",
      paramLabel = "NAME=ADDRESS,...",
      description = "Without a file: a tap, and this router's addresses there.")
  private List<String> taps = new ArrayList<>();

  @Option(
      names = "--program",
      paramLabel = "OBJ[:NAME]",
      description = "Without a file: the XDP program on all taps.")
  private String program;

  @Option(
      names = "--until-end",
      description =
          "End when no port will receive anything again, as when captures are read to their end.")
  private boolean untilEnd;

  private final CountDownLatch end = new CountDownLatch(1);
  private volatile boolean interrupted;
  private volatile long asked;

  RunCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    Daemon.Source source = source();
    ServiceManager manager = ServiceManager.ofEnvironment();
    try {
      Configuration configuration = source.read();
      if (!console.isOfProcess()) {
        return serve(Daemon.start(configuration, source, manager, account -> "stays who it is"));
      }
      ServiceLog.install(
          console.err(), configuration.settings().log(), ServiceLog.isJournal(), console.debug());
      CompletableFuture<Daemon> started = new CompletableFuture<>();
      // Before it is said to be ready: whoever is told so may send one in that moment.
      if (!Signals.handleAlways("HUP", () -> reload(started.join()))) {
        console.complain("SIGHUP cannot be had here: `xdp4j reload` has the file read again");
      }
      Daemon daemon = Daemon.start(configuration, source, manager, RunCommand::settle);
      Priorities.giveWayToWorkers(configuration.settings().nice());
      started.complete(daemon);
      Signals.handleAlways("TERM", () -> stop(TERMINATED));
      // Ignored where a shell has it so for what it runs behind itself: Ctrl-C is for others then.
      Signals.handle("INT", () -> stop(ExitStatus.INTERRUPTED));
      return serve(daemon);
    } catch (ConfigException e) {
      console.out().flush();
      e.problems().forEach(each -> console.err().println(ConfigProblems.text(each, Style.PLAIN)));
      throw CliException.unusable("the configuration cannot be used", e);
    } catch (DaemonException e) {
      throw CliException.refused(e.getMessage(), e);
    }
  }

  /** What is left to do before it is ready. */
  private static String settle(Account account) throws PrivilegeException {
    String done = Privileges.drop(account);
    System.gc(); // what stays is old from here on: a collection under load has little to move
    return done;
  }

  private Daemon.Source source() throws CliException {
    if (config != null && (!taps.isEmpty() || program != null)) {
      throw CliException.unusable("--config has all in it: --tap and --program go without");
    }
    if (config == null && taps.isEmpty()) {
      throw CliException.unusable("a configuration is missing: give --config FILE, or --tap");
    }
    return config != null ? Daemon.Source.of(config) : new QuickSource(taps, program);
  }

  private int serve(Daemon daemon) {
    if (json) {
      Json.line(console.out(), generator -> generator.writeStringField("ready", daemon.summary()));
    } else {
      console.out().println("ready: " + daemon.summary());
      console.out().flush();
    }
    await(daemon);
    Throwable failure = daemon.failure();
    ForwardBooks books = daemon.stop();
    if (json) {
      Json.line(console.out(), generator -> BooksText.write(books, generator));
    } else {
      BooksText.print(books, console.out());
    }
    if (failure != null) {
      console.complain("a worker ended before its time, please report it: " + failure);
      return ExitStatus.INTERNAL;
    }
    return ExitStatus.OK;
  }

  private static void reload(Daemon daemon) {
    try {
      daemon.reload();
    } catch (DaemonException e) {
      // The log has it; whoever sent the signal is not here to be told.
      return;
    }
  }

  /** The first signal ends it when all frames are seen to; a later one at once. */
  private void stop(int status) {
    if (!interrupted) {
      asked = System.nanoTime();
      interrupted = true;
      end.countDown();
    } else if (System.nanoTime() - asked > TOGETHER) {
      Runtime.getRuntime().halt(status);
    }
  }

  private void await(Daemon daemon) {
    try {
      boolean goesOn = true;
      while (goesOn && daemon.failure() == null) {
        goesOn = !end.await(LOOK, TimeUnit.MILLISECONDS);
        goesOn &= !untilEnd || !daemon.awaitEnd(1, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
