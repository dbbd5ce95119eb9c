package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.engine.plan.LimitPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * What a running daemon cannot change, and why: what memory and rights were had for at its start.
 */
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
    check.same(
        "process.user",
        old.settings().user(),
        fresh.settings().user(),
        "the right to become another user is given up at the start");
    check.nice(old.settings().nice(), fresh.settings().nice());
    if (!check.problems.isEmpty()) {
      throw new ConfigException(check.problems);
    }
  }

  private void plan(Configuration old) {
    WorkerPlan few = old.plan().workers();
    WorkerPlan many = fresh.plan().workers();
    same("workers.most", few.most(), many.most(), "per-CPU maps have so many values a key");
    if (many.count() > few.possible()) {
      refuse(
          "workers.count",
          few.count(),
          many.count(),
          "per-CPU maps have values for " + few.possible() + " workers (workers.most)");
    }
    LimitPlan before = old.plan().limits();
    LimitPlan after = fresh.plan().limits();
    same(
        "limits.frames",
        before.frames(),
        after.frames(),
        "workers' frames are in the hands of devices and of the kernel");
    same(
        "limits.memory",
        before.regionBytes(),
        after.regionBytes(),
        "all frames and maps are in it, where they are");
  }

  private void nice(int before, int after) {
    if (after < before) {
      refuse(
          "process.nice",
          before,
          after,
          "threads cannot take back what they gave (setpriority(2))");
    }
  }

  private void same(String key, Object before, Object after, String why) {
    if (!Objects.equals(before, after)) {
      refuse(key, before, after, why);
    }
  }

  private void refuse(String key, Object before, Object after, String why) {
    problems.add(
        fresh.problem(
            key,
            "cannot change from %s to %s while the daemon runs: %s"
                .formatted(text(before), text(after), why),
            "start it again"));
  }

  private static String text(Object value) {
    return value == null ? "what holds without it" : value.toString();
  }
}
