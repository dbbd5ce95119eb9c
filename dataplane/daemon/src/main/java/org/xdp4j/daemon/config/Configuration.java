package org.xdp4j.daemon.config;

import java.util.Map;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.engine.forward.ForwarderException;
import org.xdp4j.engine.plan.ForwarderPlan;

/**
 * What a configuration file says.
 *
 * @param plan what the forwarder is to be
 * @param settings how the process lives
 * @param file the file's name, as the user wrote it
 * @param places where keys and sections stand of which something may be said later
 */
public record Configuration(
    ForwarderPlan plan, DaemonSettings settings, String file, Map<String, Place> places) {
  /** Takes a copy of the places. */
  public Configuration {
    places = Map.copyOf(places);
  }

  /** What a forwarder refuses of its plan, with the place of the section that says it. */
  public String located(ForwarderException refusal) {
    return refusal.part() == null
        ? refusal.getMessage()
        : problem(refusal.part(), refusal.reason(), "").toString();
  }

  /**
   * Something that is wrong with a key: it is shown where that stands, or its section, or at the
   * start.
   */
  public Problem problem(String key, String reason, String advice) {
    Place section = places.getOrDefault(key.substring(0, key.indexOf('.')), Place.START);
    return new Problem(file, places.getOrDefault(key, section), key, reason, advice);
  }
}
