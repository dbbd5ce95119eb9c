package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.ArrayMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapState;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.map.XskMap;
import org.xdp4j.bpf.text.MapText;

/** Prints what maps hold, decoded by their BTF types. */
final class MapPrinter {
  /** Entries shown of a map; JSON has all of them. */
  private static final int MOST_ENTRIES = 32;

  /** Entries shown of an inner map; JSON has all of them. */
  private static final int MOST_INNER = 8;

  /** A value that takes more characters than this is shown a field a line. */
  private static final int LONG_VALUE = 76;

  private static final String SET = "a set, which can be asked but not listed, ";

  private final PrintStream out;
  private final Btf btf;

  MapPrinter(PrintStream out, Btf btf) {
    this.out = out;
    this.btf = btf;
  }

  /** One entry as it was when it was read: a value for each CPU, or one. */
  private record Entry(byte[] key, List<byte[]> values) {
    boolean isZero() {
      return values.stream().allMatch(MapPrinter::isZero);
    }
  }

  /** Prints a map's name and its entries. Entries of an array that are zero are only counted. */
  void print(BpfMap map) {
    MapSpec spec = map.spec();
    if (map instanceof ArenaMap arena) {
      print(arena);
      return;
    }
    boolean array = isArray(spec);
    List<Entry> entries =
        map instanceof ArrayMap values ? entries(map, values.nonZeroKeys()) : entries(map);
    List<Entry> shown = entries.stream().filter(e -> !array || !e.isZero()).toList();
    out.println(heading(map, map instanceof ArrayMap ? size(map) : entries.size(), shown.size()));
    for (Entry entry : shown.subList(0, Math.min(MOST_ENTRIES, shown.size()))) {
      print(map, entry);
    }
    if (shown.size() > MOST_ENTRIES) {
      out.println(
          "  and " + Units.count(shown.size() - MOST_ENTRIES) + " more (--json shows all of them)");
    }
  }

  /** An arena has no entries, but perhaps variables, which are what it begins with. */
  private void print(ArenaMap arena) {
    MapSpec spec = arena.spec();
    out.println(heading(arena, 0, 0));
    byte[] variables = arena.variables();
    if (variables.length > 0) {
      value(spec, variables, "  ");
    }
  }

  private static String heading(BpfMap map, int entries, int shown) {
    MapSpec spec = map.spec();
    MapState state = MapState.of(map).orElse(null);
    if (state != null) {
      String set = spec.type() == MapType.BLOOM_FILTER ? SET : "";
      return "map " + spec.name() + " (" + spec.type() + "): " + set + state.text();
    }
    String zero = entries - shown == 0 ? "" : ", " + Units.count(entries - shown) + " zero";
    return "map " + spec.name() + " (" + spec.type() + "): " + described(entries) + zero;
  }

  private static String described(int entries) {
    return entries == 0 ? "empty" : Units.count(entries) + (entries == 1 ? " entry" : " entries");
  }

  private void print(BpfMap map, Entry entry) {
    MapSpec spec = map.spec();
    String key = keyText(map, entry.key());
    String held = held(map, entry.key());
    if (held != null) {
      out.println("  " + key + ": " + held);
      return;
    }
    boolean lone = isArray(spec) && spec.maxEntries() == 1;
    for (int cpu = 0; cpu < entry.values().size(); cpu++) {
      String name = lone ? "" : key;
      if (entry.values().size() > 1) {
        name += (name.isEmpty() ? "" : " ") + "on CPU " + cpu;
      }
      byte[] value = entry.values().get(cpu);
      if (name.isEmpty()) {
        value(spec, value, "  ");
      } else {
        String text = new MapText(spec, btf).valueText(value);
        if (name.length() + text.length() <= LONG_VALUE) {
          out.println("  " + name + ": " + text);
        } else {
          out.println("  " + name + ":");
          value(spec, value, "    ");
        }
      }
    }
  }

  /** A queue's key is a value's place, the oldest first. */
  private String keyText(BpfMap map, byte[] key) {
    return map instanceof QueueMap ? "#" + place(key) : new MapText(map.spec(), btf).keyText(key);
  }

  /** What a map of programs, maps or consumers holds under a key; null for other maps. */
  private String held(BpfMap map, byte[] key) {
    if (map instanceof InnerMaps maps) {
      BpfMap inner = maps.inner(key);
      return inner == null ? "" : inside(inner);
    }
    if (map instanceof ProgramArrayMap programs) {
      String name = programs.programName(place(key));
      return name == null || name.isEmpty() ? "a program" : "program " + name;
    }
    return map instanceof XskMap ? "a consumer of frames" : null;
  }

  /** An inner map in one line. */
  private String inside(BpfMap inner) {
    List<Entry> entries = entries(inner);
    List<Entry> shown = entries.stream().filter(e -> !e.isZero()).limit(MOST_INNER).toList();
    StringBuilder line = new StringBuilder(heading(inner, entries.size(), entries.size()));
    for (Entry entry : shown) {
      line.append(line.indexOf("{") < 0 ? " {" : ", ").append(keyText(inner, entry.key()));
      MapText text = new MapText(inner.spec(), btf);
      for (byte[] value : entry.values()) {
        line.append(": ").append(text.valueText(value));
      }
    }
    return line.append(shown.isEmpty() ? "" : shown.size() < entries.size() ? ", ...}" : "}")
        .toString();
  }

  private static int place(byte[] key) {
    return ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** Prints a value, a field a line when it is a long one. */
  void value(MapSpec spec, byte[] value, String indent) {
    String text = new MapText(spec, btf).valueText(value);
    List<BtfPrinter.Field> fields = BtfPrinter.fields(btf, spec.valueBtf(), value);
    if (text.length() <= LONG_VALUE || fields.isEmpty()) {
      out.println(indent + text);
      return;
    }
    TextTable table = new TextTable("ll");
    int zero = 0;
    for (BtfPrinter.Field field : fields) {
      if (field.isZero()) {
        zero++;
      } else {
        table.row(field.name(), field.text());
      }
    }
    table.print(out, indent);
    if (zero > 0) {
      out.println(indent + "(" + Units.counted(zero, "field") + " more, all zero)");
    }
  }

  /** Writes a map as an object: map, type, and entries with key and value or values. */
  void write(JsonGenerator generator, BpfMap map) throws IOException {
    MapText text = new MapText(map.spec(), btf);
    generator.writeStringField("map", map.name());
    generator.writeStringField("type", String.valueOf(map.spec().type()));
    for (Map.Entry<String, Long> figure : figures(map).entrySet()) {
      generator.writeNumberField(figure.getKey(), figure.getValue());
    }
    if (map instanceof ArenaMap arena) {
      if (arena.variables().length > 0) {
        generator.writeFieldName("variables");
        generator.writeRawValue(text.valueJson(arena.variables()));
      }
      return;
    }
    Json.array(
        generator,
        "entries",
        array -> {
          for (Entry entry : entries(map)) {
            Json.object(array, members -> write(members, map, text, entry));
          }
        });
  }

  private static Map<String, Long> figures(BpfMap map) {
    return MapState.of(map).map(MapState::figures).orElse(Map.of());
  }

  private void write(JsonGenerator generator, BpfMap map, MapText text, Entry entry)
      throws IOException {
    generator.writeFieldName("key");
    generator.writeRawValue(
        map instanceof QueueMap ? String.valueOf(place(entry.key())) : text.keyJson(entry.key()));
    if (map instanceof InnerMaps maps && maps.inner(entry.key()) != null) {
      BpfMap inner = maps.inner(entry.key());
      generator.writeObjectFieldStart("value");
      write(generator, inner);
      generator.writeEndObject();
      return;
    }
    if (map instanceof ProgramArrayMap programs) {
      generator.writeStringField("value", programs.programName(place(entry.key())));
      return;
    }
    if (entry.values().size() == 1) {
      generator.writeFieldName("value");
      generator.writeRawValue(text.valueJson(entry.values().getFirst()));
      return;
    }
    Json.array(
        generator,
        "values",
        array -> {
          for (byte[] value : entry.values()) {
            array.writeRawValue(text.valueJson(value));
          }
        });
  }

  private static List<Entry> entries(BpfMap map) {
    if (map instanceof QueueMap queue) {
      List<Entry> entries = new ArrayList<>();
      for (byte[] value : queue.values()) {
        byte[] place =
            ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(entries.size()).array();
        entries.add(new Entry(place, List.of(value)));
      }
      return entries;
    }
    return entries(map, map.keys());
  }

  private static List<Entry> entries(BpfMap map, Iterable<byte[]> keys) {
    List<Entry> entries = new ArrayList<>();
    int size = map.spec().valueSize();
    for (byte[] key : keys) {
      byte[] all = map instanceof XskMap ? key : map.get(key);
      if (all != null) {
        List<byte[]> values = new ArrayList<>();
        int stride = all.length / map.valuesPerKey();
        for (int i = 0; i < map.valuesPerKey(); i++) {
          values.add(Arrays.copyOfRange(all, i * stride, i * stride + Math.min(size, stride)));
        }
        entries.add(new Entry(key, values));
      }
    }
    return entries;
  }

  /** How many entries an array shows: all, unless it may not be read. */
  private static int size(BpfMap map) {
    return map.get(new byte[Integer.BYTES]) == null ? 0 : map.spec().maxEntries();
  }

  private static boolean isArray(MapSpec spec) {
    return spec.type() == MapType.ARRAY || spec.type() == MapType.PERCPU_ARRAY;
  }

  private static boolean isZero(byte[] bytes) {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
