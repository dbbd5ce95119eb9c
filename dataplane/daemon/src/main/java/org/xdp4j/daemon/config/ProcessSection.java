package org.xdp4j.daemon.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.daemon.service.Account;

/** {@code [process]}: the process itself. */
final class ProcessSection {
  static final Section SECTION =
      Section.table(
          "process",
          "The process itself. While the daemon runs, `user` cannot change and `nice` cannot become"
              + " less.");

  private static final Key<String> USER =
      SECTION.optional(
          "user",
          Values.NAME_OF_SECTION,
          "stays who started it",
          "Whom the process belongs to once its ports are open, when root starts it. Whoever starts"
              + " it, capabilities are given up then, and no new ones can be had.");
  private static final Key<System.Logger.Level> LOG =
      SECTION.defaulted(
          "log",
          Values.oneOf(levels()),
          System.Logger.Level.INFO,
          "`\"info\"`",
          "The least that is logged, on standard error.");

  private static final Key<Integer> NICE =
      SECTION.defaulted(
          "nice",
          Values.integer(0, 19),
          5,
          "How much all threads but the workers give way where processors are scarce (nice(2)):"
              + " those that answer clients, read files and compile. 0 for not at all.");

  private ProcessSection() {}

  private static Map<String, System.Logger.Level> levels() {
    Map<String, System.Logger.Level> levels = new LinkedHashMap<>();
    levels.put("debug", System.Logger.Level.DEBUG);
    levels.put("info", System.Logger.Level.INFO);
    levels.put("warning", System.Logger.Level.WARNING);
    levels.put("error", System.Logger.Level.ERROR);
    return levels;
  }

  private static void checkUser(Table table) {
    String user = table.get(USER);
    if (user != null && Account.isMissing(user)) {
      table.report(USER, "there is no user '" + user + "'", "");
    }
  }

  static DaemonSettings read(Table root, DaemonSettings.Control control) {
    Table table = root.table(SECTION).orElse(null);
    if (table != null) {
      checkUser(table);
    }
    return table == null
        ? new DaemonSettings(control, null, LOG.fallback(), NICE.fallback())
        : new DaemonSettings(control, table.get(USER), table.get(LOG), table.get(NICE));
  }
}
