package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.engine.plan.LimitPlan;

/** What a running daemon cannot change: what memory, threads and sockets were made for. */
public final class Unchangeable {
  private final Configuration fresh;
  private final List<Problem> problems = new ArrayList<>();

  private Unchangeable(Configuration fresh) {
    this.fresh = fresh;
  }

  /**
   * Refuses a configuration that a daemon cannot change to.
   *
   * @throws ConfigException naming each line that takes a restart
   */
  public static void check(Configuration old, Configuration fresh) throws ConfigException {
    Unchangeable check = new Unchangeable(fresh);
    check.plan(old);
    check.control(old.settings().control(), fresh.settings().control());
    check.same("process.user", old.settings().user(), fresh.settings().user());
    check.same("process.nice", old.settings().nice(), fresh.settings().nice());
    if (!check.problems.isEmpty()) {
      throw new ConfigException(check.problems);
    }
  }

  private void plan(Configuration old) {
    same("workers.count", old.plan().workers().count(), fresh.plan().workers().count());
    LimitPlan before = old.plan().limits();
    LimitPlan after = fresh.plan().limits();
    same("limits.frames", before.frames(), after.frames());
    same("limits.ring", before.ring(), after.ring());
    same("limits.memory", before.regionBytes(), after.regionBytes());
    same("limits.map-memory", maps(before), maps(after));
    same("limits.neighbors", before.neighbors(), after.neighbors());
  }

  private static Long maps(LimitPlan limits) {
    return limits.mapBytes() == Long.MAX_VALUE ? null : limits.mapBytes();
  }

  private void control(DaemonSettings.Control before, DaemonSettings.Control after) {
    same(
        "control.socket",
        before.hasSocket() ? before.socket() : "none",
        after.hasSocket() ? after.socket() : "none");
    same("control.http", before.http(), after.http());
    same("control.tls-certificate", before.certificate(), after.certificate());
    same("control.tls-key", before.key(), after.key());
  }

  private void same(String key, Object before, Object after) {
    if (!Objects.equals(before, after)) {
      problems.add(
          fresh.problem(
              key,
              "cannot change from %s to %s while the daemon runs"
                  .formatted(text(before), text(after)),
              "start it again"));
    }
  }

  private static String text(Object value) {
    return value == null ? "what holds without it" : value.toString();
  }
}
