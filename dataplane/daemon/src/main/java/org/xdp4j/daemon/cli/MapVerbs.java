package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.daemon.control.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j map}: looks into a running daemon's maps and writes them. */
final class MapVerbs {
  /** A value that takes more characters than this is shown a field a line. */
  private static final int LONG_VALUE = 76;

  private MapVerbs() {}

  static Verb group(Console console) {
    Map<String, Function<Console, Verb>> verbs = new LinkedHashMap<>();
    verbs.put("get", Get::new);
    verbs.put("set", Set::new);
    verbs.put("delete", Delete::new);
    verbs.put("dump", Dump::new);
    return new VerbGroup(
        console,
        "Reads and writes the maps of a running daemon's programs. Keys and values are written as"
            + " replay --map takes them.",
        List.of(
            "  xdp4j map dump decisions",
            "  xdp4j map get sources_v4 198.51.100.0/24",
            "  xdp4j map set sources_v4 198.51.100.0/24=XDP_DROP",
            "  xdp4j map delete sources_v4 198.51.100.0/24"),
        verbs);
  }

  private static String path(String map) {
    return "/v1/maps/" + ControlClient.encode(map);
  }

  /** A map's name or id. */
  abstract static class OfMap extends DaemonVerb {
    @Parameters(
        index = "0",
        paramLabel = "MAP",
        description = "The map's name, PROGRAM:NAME, or its id.")
    String map;

    OfMap(Console console) {
      super(console);
    }

    /** Prints an entry: its value, or its value for each worker of a per-CPU map. */
    void print(Node entry) {
      List<?> texts = list(entry, "texts");
      List<?> values = list(entry, "values");
      for (int cpu = 0; cpu < texts.size(); cpu++) {
        String name = entry.text("keyText") + (texts.size() > 1 ? " on CPU " + cpu : "");
        String text = String.valueOf(texts.get(cpu));
        if (name.length() + text.length() > LONG_VALUE && values.get(cpu) instanceof Map<?, ?> m) {
          printFields(name, m);
        } else {
          console.out().println(name + ": " + text);
        }
      }
    }

    /** A field a line; those that are zero are only counted. */
    private void printFields(String name, Map<?, ?> fields) {
      console.out().println(name + ":");
      TextTable table = new TextTable("ll");
      int zero = 0;
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        if (isZero(field.getValue())) {
          zero++;
        } else {
          table.row(String.valueOf(field.getKey()), text(field.getValue()));
        }
      }
      table.print(console.out(), "  ");
      if (zero > 0) {
        console.out().println("  (" + Units.counted(zero, "field") + " more, all zero)");
      }
    }

    private static String text(Object value) {
      return value instanceof String name
          ? name
          : new String(JsonWriter.bytes(value), StandardCharsets.UTF_8);
    }

    private static boolean isZero(Object value) {
      return switch (value) {
        case Long number -> number == 0;
        case Map<?, ?> map -> map.values().stream().allMatch(OfMap::isZero);
        case List<?> list -> list.stream().allMatch(OfMap::isZero);
        case null, default -> false;
      };
    }

    private static List<?> list(Node entry, String name) {
      return entry.members().get(name) instanceof List<?> list ? list : List.of();
    }
  }

  /** {@code map get}. */
  @Command(
      name = "get",
      description = "Shows the entry of one key.",
      footer = "  xdp4j map get sources_v4 198.51.100.0/24")
  static final class Get extends OfMap {
    @Parameters(index = "1", paramLabel = "KEY", description = "The key, by the map's key type.")
    private String key;

    Get(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException {
      Object entry = daemon.get(path(map) + "/entry?key=" + ControlClient.encode(key));
      if (json) {
        console.out().writeBytes(JsonWriter.line(entry));
      } else {
        print(Node.of(entry));
      }
      return ExitStatus.OK;
    }
  }

  /** {@code map set}. */
  @Command(
      name = "set",
      description = {
        "Writes entries: all of them are read and checked before the first is written.",
        "",
        "Fields of a value that are not named keep what they hold. In a device map a port's name"
            + " may stand for its interface index; in a map of maps the value is a map's name. What"
            + " is set in a queue or stack is pushed, in a bloom filter added, each only a VALUE.",
        "",
        "A global variable is NAME=VALUE in its section, .bss or .data; the others are left alone."
      },
      footer = {
        "  xdp4j map set sources_v4 198.51.100.0/24=XDP_DROP 203.0.113.7=XDP_PASS",
        "  xdp4j map set ports '{protocol: 6, number: 22}={action: XDP_DROP}'",
        "  xdp4j map set rings @ring.txt",
        "  xdp4j map set .bss rate=100",
        "  xdp4j map set routes_of_tenant 3=routes_b"
      })
  static final class Set extends OfMap {
    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "ENTRY",
        description =
            "KEY=VALUE; only VALUE for the one entry of an array, and for maps without keys. @FILE"
                + " for entries from a file, one a line; lines with # are skipped.")
    private List<String> entries;

    Set(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      List<String> all = new ArrayList<>();
      for (String entry : entries) {
        try {
          all.addAll(MapAssignment.entries(entry));
        } catch (TextException e) {
          throw CliException.unusable(e.getMessage(), e);
        }
      }
      Object answer = daemon.send("POST", path(map) + "/entries", Map.of("set", all));
      if (json) {
        console.out().writeBytes(JsonWriter.line(answer));
      }
      return ExitStatus.OK;
    }
  }

  /** {@code map delete}. */
  @Command(
      name = "delete",
      description = "Removes entries; says so and ends with 1 when one was not there.",
      footer = "  xdp4j map delete sources_v4 198.51.100.0/24")
  static final class Delete extends OfMap {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY", description = "Their keys.")
    private List<String> keys;

    Delete(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      Object answer = daemon.send("POST", path(map) + "/entries", Map.of("delete", keys));
      if (json) {
        console.out().writeBytes(JsonWriter.line(answer));
      }
      long deleted = Node.of(answer).number("deleted");
      if (deleted < keys.size() && keys.size() == 1) {
        throw CliException.refused("map " + map + " has no entry for key " + keys.getFirst(), null);
      }
      if (deleted < keys.size()) {
        throw CliException.refused(
            "map "
                + map
                + " had only "
                + Units.counted(deleted, "entry").replace("entrys", "entries")
                + " of these "
                + keys.size(),
            null);
      }
      return ExitStatus.OK;
    }
  }

  /** {@code map dump}. */
  @Command(
      name = "dump",
      description = {
        "Shows all entries.",
        "",
        "With --json each line is one entry, its values by worker."
      },
      footer = "  xdp4j map dump --json decisions")
  static final class Dump extends OfMap {
    Dump(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      try (ControlClient.Response response =
          daemon.stream(path(map) + "/entries", "application/x-ndjson")) {
        if (json) {
          response.body().transferTo(console.out());
          return ExitStatus.OK;
        }
        long entries = 0;
        for (byte[] line = response.nextLine(); line != null; line = response.nextLine()) {
          print(Node.of(JsonReader.read(line)));
          entries++;
          if (!console.isRead()) {
            return ExitStatus.OK;
          }
        }
        if (entries == 0) {
          console.out().println("map " + map + " " + nothing(daemon));
        }
        return ExitStatus.OK;
      } catch (IOException | JsonException e) {
        throw CliException.unusable("the daemon's answer broke off: " + e.getMessage(), e);
      }
    }

    /** Why there is nothing to show: some types have no entries that could be listed. */
    private String nothing(ControlClient daemon) throws ClientException {
      Node about = Node.of(daemon.get(path(map)));
      String state = about.text("state");
      String kind =
          switch (about.text("type")) {
            case "ARENA" -> "is an arena: pages of memory, no entries";
            case "BLOOM_FILTER" -> "is a bloom filter: it can be asked, but not listed";
            case "RINGBUF", "PERF_EVENT_ARRAY" ->
                "holds records for readers, no entries (xdp4j events shows them)";
            case "USER_RINGBUF" -> "holds samples for programs, no entries";
            default -> "is empty";
          };
      return state.isEmpty() ? kind : kind + "; " + state;
    }
  }
}
