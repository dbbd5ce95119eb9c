package org.xdp4j.daemon.control.api;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.ArrayMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.map.XskMap;
import org.xdp4j.bpf.text.EntryRefusal;
import org.xdp4j.bpf.text.MapText;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.json.RawJson;
import org.xdp4j.daemon.control.view.MapHandle;
import org.xdp4j.engine.forward.DevicePorts;

/**
 * What is in one map, as text and JSON. Programs on all workers use the map meanwhile. A queue's
 * values stand under their places, the oldest first, an arena's variables under 0, and a map in a
 * map is its name and its own entries.
 */
final class MapContents {
  /** Entries shown of a map in a map. */
  private static final int MOST_INNER = 1024;

  private static final String CONSUMER = "a consumer of frames";

  /** A name or a number, not the fields of a struct or bytes. */
  private static final Pattern PORT = Pattern.compile("[A-Za-z0-9_.@-]+");

  private final BpfMap map;
  private final MapSpec spec;
  private final Btf btf;
  private final MapText text;
  private final DevicePorts ports;
  private final Function<String, BpfMap> maps;

  /** To be read. */
  MapContents(MapHandle handle) {
    this(handle, null, name -> null);
  }

  /**
   * To be written as well.
   *
   * @param ports the ports there are
   * @param maps finds a map by name, to be put into a map of maps; null for none
   */
  MapContents(MapHandle handle, DevicePorts ports, Function<String, BpfMap> maps) {
    this(handle.map(), handle.spec(), handle.btf(), ports, maps);
  }

  private MapContents(
      BpfMap map, MapSpec spec, Btf btf, DevicePorts ports, Function<String, BpfMap> maps) {
    this.ports = ports;
    this.maps = maps;
    this.map = map;
    this.spec = spec;
    this.btf = btf;
    this.text = new MapText(spec, btf);
  }

  /**
   * An entry.
   *
   * @param key the key by its type
   * @param keyText the key for people, which the API takes as well
   * @param values the value by its type; one for each worker in a per-CPU map
   * @param texts the same for people
   */
  record Entry(RawJson key, String keyText, List<RawJson> values, List<String> texts) {}

  /** A change that has been read and fits the map. */
  record Change(byte[] key, String value, String text, MapText.Variable variable) {}

  /** The bytes of a key. */
  byte[] key(String written) throws TextException {
    return text.key(written);
  }

  /** An entry, or null. */
  Entry read(byte[] key) {
    if (map instanceof InnerMaps holder) {
      BpfMap inner = holder.take(key);
      if (inner == null) {
        return null;
      }
      try {
        return inner(key, new MapContents(inner, inner.spec(), btf, ports, maps));
      } finally {
        inner.dropReference();
      }
    }
    if (map instanceof ProgramArrayMap programs) {
      String name = key.length == Integer.BYTES ? programs.programName(place(key)) : null;
      return name == null ? null : entry(key, name, "program " + name);
    }
    if (map instanceof XskMap sockets) {
      boolean there = key.length == Integer.BYTES && sockets.consumer(place(key)) != null;
      return there ? entry(key, CONSUMER, CONSUMER) : null;
    }
    byte[] all = map.get(key);
    return all == null ? null : entry(key, all);
  }

  private static int place(byte[] key) {
    return ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** A map under a key of a map of maps: its name, its type and the first of its entries. */
  private Entry inner(byte[] key, MapContents inner) {
    List<Entry> entries = new ArrayList<>();
    Iterator<Entry> all = inner.entries(0);
    while (entries.size() < MOST_INNER && all.hasNext()) {
      entries.add(all.next());
    }
    String shown =
        entries.stream()
            .map(entry -> entry.keyText() + ": " + String.join(" | ", entry.texts()))
            .collect(Collectors.joining(", ", "{", all.hasNext() ? ", ...}" : "}"));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("map", inner.map.name());
    json.put("type", String.valueOf(inner.spec.type()));
    json.put("entries", entries);
    return entry(key, json, "map %s (%s) %s".formatted(inner.map.name(), inner.spec.type(), shown));
  }

  private Entry entry(byte[] key, Object value, String shown) {
    String json = new String(JsonWriter.bytes(value), StandardCharsets.UTF_8);
    return new Entry(
        new RawJson(text.keyJson(key)),
        text.keyText(key),
        List.of(new RawJson(json)),
        List.of(shown));
  }

  /** Values that have no keys but their places. */
  private List<Entry> placed(List<byte[]> values) {
    List<Entry> entries = new ArrayList<>();
    for (byte[] value : values) {
      entries.add(
          new Entry(
              new RawJson(String.valueOf(entries.size())),
              "#" + entries.size(),
              List.of(new RawJson(text.valueJson(value))),
              List.of(text.valueText(value))));
    }
    return entries;
  }

  private Entry entry(byte[] key, byte[] all) {
    int count = map.valuesPerKey();
    int stride = all.length / count;
    int size = Math.min(spec.valueSize(), stride);
    List<RawJson> values = new ArrayList<>(count);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      byte[] value = Arrays.copyOfRange(all, i * stride, i * stride + size);
      values.add(new RawJson(text.valueJson(value)));
      texts.add(text.valueText(value));
    }
    return new Entry(new RawJson(text.keyJson(key)), text.keyText(key), values, texts);
  }

  /** The entries there are now, but for the first so many. */
  Iterator<Entry> entries(long offset) {
    if (map instanceof QueueMap queue) {
      return from(placed(queue.values()), offset);
    }
    if (map instanceof ArenaMap arena) {
      byte[] variables = arena.variables();
      return from(variables.length == 0 ? List.of() : placed(List.of(variables)), offset);
    }
    Iterator<byte[]> keys = map.keys().iterator();
    for (long i = 0; i < offset && keys.hasNext(); i++) {
      keys.next();
    }
    return new Iterator<>() {
      private Entry next = find();

      private Entry find() {
        while (keys.hasNext()) {
          Entry found = read(keys.next());
          if (found != null) {
            return found; // Others went while we were on our way.
          }
        }
        return null;
      }

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public Entry next() {
        if (next == null) {
          throw new NoSuchElementException();
        }
        Entry found = next;
        next = find();
        return found;
      }
    };
  }

  private static Iterator<Entry> from(List<Entry> entries, long offset) {
    return entries.subList((int) Math.min(offset, entries.size()), entries.size()).iterator();
  }

  /** Reads one key and its value. */
  Change change(String key, String value) throws TextException {
    byte[] bytes = text.key(key);
    check(bytes, value);
    return new Change(bytes, value, key + "=" + value, null);
  }

  /** Reads {@code KEY=VALUE[,KEY=VALUE]...}. */
  List<Change> changes(String entries) throws TextException {
    List<Change> changes = new ArrayList<>();
    for (MapText.Entry entry : text.entries(entries)) {
      MapText.Variable variable = entry.variable();
      if (variable == null) {
        check(entry.key(), entry.value());
      } else {
        text.value(entry.value(), variable, map.get(entry.key()));
      }
      String name =
          variable != null
              ? variable.name() + "="
              : spec.keySize() == 0 ? "" : text.keyText(entry.key()) + "=";
      changes.add(new Change(entry.key(), entry.value(), name + entry.value(), variable));
    }
    return changes;
  }

  /** Writes; fields that are not named keep what they hold at that moment. */
  void write(Change change, long flags) throws TextException {
    int result =
        switch (map) {
          case InnerMaps holder -> holder.set(change.key(), inner(change.value()), flags);
          case ArrayMap section when change.variable() != null ->
              section.writePart(
                  change.variable().offset(),
                  text.value(change.value(), change.variable(), map.get(change.key())));
          default -> map.put(change.key(), value(change.key(), change.value()), flags);
        };
    if (result < 0) {
      throw new TextException("entry '" + change.text() + "': " + EntryRefusal.of(spec, result));
    }
  }

  /** Reads a value only to see whether it is one. */
  private void check(byte[] key, String written) throws TextException {
    if (map instanceof InnerMaps) {
      BpfMap inner = inner(written);
      String difference = InnerMaps.difference(map.spec().inner(), inner.spec());
      if (!difference.isEmpty()) {
        throw new TextException(
            "map '" + written + "' cannot be put into map '" + spec.name() + "': it " + difference);
      }
    } else {
      value(key, written);
    }
  }

  /** The map of this name that is to be put into this one. */
  private BpfMap inner(String name) throws TextException {
    BpfMap found = maps.apply(name.strip());
    if (found == null) {
      throw new TextException("there is no map '" + name.strip() + "' to put into it");
    }
    return found;
  }

  /** What the map holds under a key, of which fields that are not named stay; null for nothing. */
  private byte[] old(byte[] key) {
    return spec.keySize() == 0 ? null : map.get(key);
  }

  /** The bytes of a value, which in a device map is a port. */
  private byte[] value(byte[] key, String written) throws TextException {
    if (!(map instanceof DeviceMap) || ports == null) {
      return text.value(written, old(key));
    }
    String where = "map '" + spec.name() + "': entry " + text.keyText(key);
    if (PORT.matcher(written).matches()) {
      int index = written.equals("0") ? 0 : ports.index(written, where);
      byte[] port = new byte[spec.valueSize()];
      ByteBuffer.wrap(port).order(ByteOrder.LITTLE_ENDIAN).putInt(0, index);
      return port;
    }
    byte[] value = text.value(written, map.get(key));
    int index = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    if (index != 0) { // With 0 Linux empties the place.
      ports.require(index, where);
    }
    return value;
  }

  /** Removes; says whether the entry was there. */
  boolean remove(byte[] key) throws TextException {
    int result = map.remove(key);
    if (result == Errno.ENOENT) {
      return false;
    }
    if (result < 0) {
      throw new TextException("the entry cannot be removed: " + EntryRefusal.of(spec, result));
    }
    return true;
  }
}
