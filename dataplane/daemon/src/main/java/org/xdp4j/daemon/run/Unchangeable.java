package org.xdp4j.daemon.run;

import java.util.Objects;
import org.xdp4j.daemon.config.Configuration;

/** What a reload cannot change. */
final class Unchangeable {
  private Unchangeable() {}

  static void check(Configuration old, Configuration fresh) throws DaemonException {
    require(old.plan().workers(), fresh.plan().workers(), "[workers]");
    require(old.plan().limits(), fresh.plan().limits(), "[limits]");
    require(old.settings().control(), fresh.settings().control(), "[control]");
    require(old.settings().user(), fresh.settings().user(), "[process]");
    require(old.settings().log(), fresh.settings().log(), "[process]");
  }

  private static void require(Object old, Object fresh, String section) throws DaemonException {
    if (!Objects.equals(old, fresh)) {
      throw new DaemonException(
          section + " is different, which takes effect when the daemon is started again only");
    }
  }
}
