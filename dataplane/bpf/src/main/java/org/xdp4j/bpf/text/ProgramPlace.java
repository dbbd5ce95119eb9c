package org.xdp4j.bpf.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/**
 * An entry, as people write it, of a map whose values are programs or places with programs:
 *
 * <pre>
 *  program array  KEY=PROGRAM
 *  device map     KEY=INTERFACE, KEY=INTERFACE+PROGRAM, KEY={ifindex: INTERFACE, bpf_prog: PROGRAM}
 *  CPU map        KEY=QUEUE, KEY=QUEUE+PROGRAM, KEY={qsize: QUEUE, bpf_prog: PROGRAM}
 * </pre>
 *
 * A field's name may be left out, and {@code bpf_prog} be written as {@code {fd: PROGRAM}}, the
 * union that it is.
 *
 * @param key the slot, the device map's key or the CPU, unsigned
 * @param value the interface or the length of the queue; null in a program array
 * @param program the program's name; null for none
 * @param text the entry as it was written
 */
public record ProgramPlace(int key, String value, String program, String text) {
  private static final Set<MapType> TYPES =
      Set.of(MapType.PROG_ARRAY, MapType.DEVMAP, MapType.DEVMAP_HASH, MapType.CPUMAP);

  private static final String NAME = "[A-Za-z_][A-Za-z0-9_.]*";

  private static final Pattern FIELDS =
      Pattern.compile(
          "\\{\\s*(?:(?:ifindex|qsize)\\s*:\\s*)?([A-Za-z0-9_.@-]+)\\s*,"
              + "\\s*(?:bpf_prog\\s*:\\s*)?(?:\\{\\s*fd\\s*:\\s*)?("
              + NAME
              + ")\\s*(?:}\\s*)?}");

  /** Whether a map's values are programs, or places with programs. */
  public static boolean isHeldBy(MapSpec map) {
    return TYPES.contains(map.type());
  }

  /** Whether any of the entries of such a map names a program. */
  public static boolean isIn(MapSpec map, String entries) {
    if (map.type() == MapType.PROG_ARRAY) {
      return true;
    }
    for (String entry : split(entries)) {
      int equals = entry.indexOf('=');
      String value = entry.substring(equals + 1).strip();
      if (equals > 0 && (value.indexOf('+') > 0 || FIELDS.matcher(value).matches())) {
        return true;
      }
    }
    return false;
  }

  /** Reads {@code KEY=VALUE[,KEY=VALUE]...}. */
  public static List<ProgramPlace> parse(MapSpec map, String entries) throws TextException {
    List<ProgramPlace> places = new ArrayList<>();
    for (String entry : split(entries)) {
      places.add(read(map, entry.strip()));
    }
    return places;
  }

  private static List<String> split(String entries) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    for (int comma : Scanner.outside(entries, ',')) {
      parts.add(entries.substring(start, comma));
      start = comma + 1;
    }
    parts.add(entries.substring(start));
    return parts;
  }

  private static ProgramPlace read(MapSpec map, String entry) throws TextException {
    String where = "map '" + map.name() + "': entry '" + entry + "'";
    int equals = entry.indexOf('=');
    if (equals < 0) {
      throw new TextException(where + ": a value is missing, write KEY=VALUE");
    }
    int key;
    try {
      key = Integer.parseUnsignedInt(entry.substring(0, equals).strip());
    } catch (NumberFormatException e) {
      throw new TextException(where + ": its key is no number");
    }
    String value = entry.substring(equals + 1).strip();
    if (map.type() == MapType.PROG_ARRAY) {
      if (!value.matches(NAME)) {
        throw new TextException(
            where + ": a program array holds programs, write KEY=PROGRAM with a program's name");
      }
      return new ProgramPlace(key, null, value, entry);
    }
    Matcher fields = FIELDS.matcher(value);
    if (fields.matches()) {
      return new ProgramPlace(key, fields.group(1), fields.group(2), entry);
    }
    int plus = value.indexOf('+');
    return plus < 0
        ? new ProgramPlace(key, value, null, entry)
        : new ProgramPlace(
            key, value.substring(0, plus).strip(), value.substring(plus + 1).strip(), entry);
  }
}
