package org.xdp4j.daemon.run;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.xdp4j.daemon.config.ConfigException;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.config.Configuration;
import org.xdp4j.daemon.config.Unchangeable;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.daemon.control.ControlServer;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.service.Account;
import org.xdp4j.daemon.service.Priorities;
import org.xdp4j.daemon.service.PrivilegeException;
import org.xdp4j.daemon.service.ServiceLog;
import org.xdp4j.daemon.service.ServiceManager;
import org.xdp4j.engine.forward.ForwardBooks;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.ForwarderException;

/**
 * A running daemon.
 *
 * <p>At the start: the file is read, ports are opened and programs loaded, privileges are given up,
 * the control endpoint is opened, the service manager is told. Any thread may call; changes wait
 * for one another.
 */
public final class Daemon implements AutoCloseable {
  private static final Logger LOG = System.getLogger("xdp4j");

  private final Source source;
  private final Forwarder forwarder;
  private final ServiceManager manager;
  private Watch watch;
  private ControlServer control;
  private Configuration current;
  private ForwardBooks books;

  /** Where the configuration comes from. */
  @FunctionalInterface
  public interface Source {
    /** Reads it as it is now. */
    Configuration read() throws ConfigException;

    /** A file. */
    static Source of(Path file) {
      return () -> ConfigFile.read(file);
    }
  }

  /** Gives up privileges. */
  @FunctionalInterface
  public interface PrivilegeDrop {
    /** Becomes a user, or stays who it is for null; says in a sentence what it did. */
    String drop(Account account) throws PrivilegeException;
  }

  private Daemon(
      Source source, Configuration current, Forwarder forwarder, ServiceManager manager) {
    this.source = source;
    this.current = current;
    this.forwarder = forwarder;
    this.manager = manager;
  }

  /**
   * Starts one.
   *
   * @param configuration what it is to be
   * @param source where it is read again
   * @param manager who is told
   * @param drop gives up privileges once they are needed no more
   * @throws DaemonException when it cannot be had as it says; nothing is left open
   */
  public static Daemon start(
      Configuration configuration, Source source, ServiceManager manager, PrivilegeDrop drop)
      throws DaemonException {
    Account account = account(configuration.settings().user());
    Forwarder forwarder;
    try {
      forwarder = Forwarder.start(configuration.plan());
    } catch (ForwarderException e) {
      throw new DaemonException(configuration.located(e), e);
    }
    Daemon daemon = new Daemon(source, configuration, forwarder, manager);
    try {
      daemon.begin(account, drop);
      return daemon;
    } catch (DaemonException e) {
      daemon.close();
      throw e.in(configuration);
    } catch (RuntimeException | Error e) {
      daemon.close();
      throw e;
    }
  }

  private static Account account(String user) throws DaemonException {
    if (user == null) {
      return null;
    }
    return Account.find(user)
        .orElseThrow(() -> new DaemonException("process.user: there is no user '" + user + "'"));
  }

  private void begin(Account account, PrivilegeDrop drop) throws DaemonException {
    ControlEndpoint endpoint = new ControlEndpoint(current.settings().control());
    endpoint.prepare(account);
    CaptureFiles captures = new CaptureFiles(current.plan());
    captures.giveTo(account);
    try {
      LOG.log(Level.DEBUG, drop.drop(account));
    } catch (PrivilegeException e) {
      throw new DaemonException(e.getMessage(), e);
    }
    captures.requireRoomBeside();
    control = endpoint.open(forwarder, this::reloadForClient);
    watch = Watch.start(forwarder, manager);
    manager.ready(summary());
  }

  /** What it consists of, a few words. */
  public synchronized String summary() {
    return Summary.of(current.plan());
  }

  /** What it runs. */
  public Forwarder forwarder() {
    return forwarder;
  }

  /**
   * Reads the configuration again and changes to it, or refuses it whole and goes on as before.
   * Says on the log which.
   *
   * @return what was done, a sentence
   * @throws DaemonException saying why it is refused
   */
  public synchronized String reload() throws DaemonException {
    manager.reloading();
    Configuration fresh = null;
    try {
      long start = System.nanoTime();
      fresh = source.read();
      Unchangeable.check(current, fresh);
      new CaptureFiles(fresh.plan()).requireRoomBeside();
      ControlServer.Change change =
          new ControlEndpoint(fresh.settings().control())
              .prepare(control, current.settings().control());
      boolean applied = false;
      try {
        forwarder.apply(fresh.plan());
        applied = true;
      } finally {
        if (!applied) {
          change.cancel();
        }
      }
      change.commit();
      Priorities.giveWayToWorkers(fresh.settings().nice() - current.settings().nice());
      ServiceLog.change(fresh.settings().log());
      current = fresh;
      String done =
          "reloaded in %d ms: %s"
              .formatted((System.nanoTime() - start) / 1_000_000, Summary.of(fresh.plan()));
      LOG.log(Level.INFO, done);
      return done;
    } catch (ConfigException e) {
      for (Problem problem : e.problems()) {
        LOG.log(Level.ERROR, problem.toString());
      }
      throw refused(e);
    } catch (ForwarderException e) {
      DaemonException located = new DaemonException(fresh.located(e), e);
      LOG.log(Level.ERROR, located.getMessage());
      throw refused(located);
    } catch (DaemonException e) {
      DaemonException located = e.in(fresh);
      LOG.log(Level.ERROR, located.getMessage());
      throw refused(located);
    } catch (RuntimeException | Error e) {
      String failed = "the reload failed, please report it: " + e;
      LOG.log(Level.ERROR, failed, e);
      throw new DaemonException(failed, e);
    } finally {
      manager.ready(summary());
    }
  }

  private String reloadForClient() throws Api.ReloadException {
    try {
      return reload();
    } catch (DaemonException e) {
      throw new Api.ReloadException(e.getMessage(), e);
    }
  }

  private static DaemonException refused(Exception e) {
    LOG.log(Level.ERROR, "the configuration is refused; all goes on as before");
    return new DaemonException(
        "the configuration is refused, and all goes on as before: " + e.getMessage(), e);
  }

  /**
   * Waits until every port has ended, as captures do.
   *
   * @return whether they have
   */
  public boolean awaitEnd(long time, TimeUnit unit) throws InterruptedException {
    return forwarder.awaitEnd(time, unit);
  }

  /** What ended a worker before its time, or null. */
  public Throwable failure() {
    return watch == null ? null : watch.failure();
  }

  /**
   * Receives no more, sees what was received to its end, and closes everything.
   *
   * @return the final balance
   */
  public synchronized ForwardBooks stop() {
    if (books == null) {
      manager.stopping("seeing frames to their end");
      if (watch != null) {
        watch.close();
      }
      if (control != null) {
        new ControlEndpoint(current.settings().control()).takeTokenBack(control);
        control.close();
      }
      books = forwarder.stop();
      forwarder.close();
    }
    return books;
  }

  @Override
  public void close() {
    stop();
  }
}
