package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;

/**
 * All {@code --max-entries} options of one command: sizes of maps as a loader would set them, for
 * objects that leave that to their loader.
 */
final class MaxEntries {
  static final String OPTION = "--max-entries";

  /** What each command says of it. */
  static final String DESCRIPTION =
      "Let a map have N entries (a ring buffer N bytes), whatever the object says, as a loader with"
          + " bpf_map__set_max_entries does.";

  private final Map<String, Integer> wanted;

  private MaxEntries(Map<String, Integer> wanted) {
    this.wanted = wanted;
  }

  /** Reads {@code MAP=N} each; null for none. */
  static MaxEntries parse(List<String> texts) throws CliException {
    Map<String, Integer> wanted = new LinkedHashMap<>();
    for (String text : texts == null ? List.<String>of() : texts) {
      int equals = text.indexOf('=');
      if (equals <= 0) {
        throw CliException.unusable(OPTION + " is MAP=N, not " + text);
      }
      wanted.put(text.substring(0, equals), number(text, text.substring(equals + 1)));
    }
    return new MaxEntries(wanted);
  }

  private static int number(String option, String text) throws CliException {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      throw CliException.unusable(
          OPTION + " " + option + ": " + text + " is not a number of 32 bits", e);
    }
  }

  /**
   * Changes the objects.
   *
   * @throws CliException when none of them has one of the maps
   */
  List<BpfObject> applyTo(List<BpfObject> objects) throws CliException {
    List<BpfObject> changed = new ArrayList<>(objects);
    for (Map.Entry<String, Integer> entry : wanted.entrySet()) {
      boolean found = false;
      for (int i = 0; i < changed.size(); i++) {
        Optional<MapSpec> map = changed.get(i).map(entry.getKey());
        if (map.isPresent()) {
          changed.set(i, changed.get(i).withMap(map.get().withMaxEntries(entry.getValue())));
          found = true;
        }
      }
      if (!found) {
        throw CliException.unusable(
            "%s %s: %s has no such map"
                .formatted(
                    OPTION,
                    entry.getKey(),
                    objects.size() == 1 ? objects.getFirst().file() : "no object"));
      }
    }
    return changed;
  }

  BpfObject applyTo(BpfObject object) throws CliException {
    return applyTo(List.of(object)).getFirst();
  }
}
