package org.xdp4j.bpf.text;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.object.BpfObject;

/**
 * What a user wants in a map before the first frame, as {@code --map} takes it:
 *
 * <pre>
 *  NAME=ENTRY[,ENTRY]...   entries of a map
 *  NAME=@FILE              entries of a map, one a line; empty lines and lines with # are skipped
 *  NAME=VALUE              a global variable of the program, constant ones included
 *  NAME=KEY=MAP            a map of the object, by name, into a map of maps
 *  NAME=VALUE[,VALUE]...   pushed onto a queue or a stack, or into a bloom filter
 * </pre>
 *
 * Variables are set in the object before it is loaded, so that constants are seen by the verifier;
 * entries are written once the maps exist.
 */
public final class MapAssignment {
  /** Bytes of a file of entries. */
  private static final long MAX_FILE_SIZE = 256L << 20;

  private final String name;
  private final List<Line> lines;

  private MapAssignment(String name, List<Line> lines) {
    this.name = name;
    this.lines = lines;
  }

  /** One text and where it stands, empty when it was given directly. */
  private record Line(String place, String text) {}

  /** Reads {@code NAME=...}, and the file when there is one. */
  public static MapAssignment parse(String text) throws TextException {
    int separator = text.indexOf('=');
    if (separator <= 0) {
      throw new TextException("'" + text + "' is not NAME=ENTRY");
    }
    String name = text.substring(0, separator).strip();
    String rest = text.substring(separator + 1).strip();
    if (rest.isEmpty()) {
      throw new TextException("'" + text + "' has no entry behind the equals sign");
    }
    List<Line> lines = rest.startsWith("@") ? read(rest.substring(1)) : List.of(new Line("", rest));
    return new MapAssignment(name, lines);
  }

  /** The entries that a text is: itself, or those in the file behind an {@code @}. */
  public static List<String> entries(String text) throws TextException {
    return text.startsWith("@")
        ? read(text.substring(1)).stream().map(Line::text).toList()
        : List.of(text);
  }

  private static List<Line> read(String file) throws TextException {
    try {
      Path path = Path.of(file);
      if (Files.isRegularFile(path) && Files.size(path) > MAX_FILE_SIZE) {
        throw new TextException(
            file + ": a file of entries has at most " + (MAX_FILE_SIZE >> 20) + " MiB");
      }
      List<Line> lines = new ArrayList<>();
      int number = 0;
      for (String line : Files.readAllLines(path)) {
        number++;
        String text = line.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
          lines.add(new Line(file + ":" + number, text));
        }
      }
      return lines;
    } catch (InvalidPathException e) {
      throw new TextException("'" + file + "' is not a file name");
    } catch (CharacterCodingException e) {
      throw new TextException(file + ": it is not UTF-8 text");
    } catch (IOException e) {
      throw new TextException(
          Files.exists(Path.of(file))
              ? file + ": it cannot be read as a file of entries"
              : file + ": there is no such file");
    }
  }

  /** What it assigns to. */
  public String name() {
    return name;
  }

  /** The same for another map or variable. */
  public MapAssignment named(String other) {
    return new MapAssignment(other, lines);
  }

  /** Whether {@code object} has what it assigns to. */
  public boolean fits(BpfObject object) {
    return find(object) != null || object.maps().stream().anyMatch(spec -> declares(object, spec));
  }

  /**
   * Sets the variables among {@code assignments} and checks the others' names.
   *
   * @return the object to load
   */
  public static BpfObject prepare(BpfObject object, List<MapAssignment> assignments)
      throws TextException {
    BpfObject prepared = object;
    for (MapAssignment assignment : assignments) {
      prepared = assignment.prepare(prepared);
    }
    return prepared;
  }

  /**
   * Writes the entries among {@code assignments}.
   *
   * @param object as {@link #prepare} returned it
   * @param maps finds a loaded map by name
   */
  public static void fill(
      BpfObject object, List<MapAssignment> assignments, Function<String, Optional<BpfMap>> maps)
      throws TextException {
    List<Runnable> held = new ArrayList<>();
    try {
      fill(object, assignments, maps, undo -> {}, held::add);
    } finally {
      held.forEach(Runnable::run); // Nothing is taken back.
    }
  }

  /**
   * The same, so that it can be taken back.
   *
   * @param undo gets, for each entry before it is written, what puts back what was there; to be run
   *     in the opposite order
   * @param held gets what lets go what is held to be put back; to be run when it is known whether
   *     entries are taken back, and after that
   */
  public static void fill(
      BpfObject object,
      List<MapAssignment> assignments,
      Function<String, Optional<BpfMap>> maps,
      Consumer<Runnable> undo,
      Consumer<Runnable> held)
      throws TextException {
    for (MapAssignment assignment : assignments) {
      MapSpec spec = assignment.find(object);
      if (spec != null && spec.data() == null) {
        BpfMap map =
            maps.apply(spec.name())
                .orElseThrow(
                    () ->
                        new TextException(
                            "map '" + spec.name() + "' is not used by the program that is run"));
        assignment.fill(new MapText(spec, object.btf()), maps, map, undo, held);
      }
    }
  }

  private MapSpec find(BpfObject object) {
    return object.maps().stream().filter(m -> m.name().equals(name)).findFirst().orElse(null);
  }

  private BpfObject prepare(BpfObject object) throws TextException {
    for (MapSpec spec : object.maps()) {
      boolean whole = spec.name().equals(name) && isSection(object, spec);
      if (whole || declares(object, spec)) {
        byte[] data = spec.data() == null ? new byte[spec.valueSize()] : spec.data();
        for (Line line : lines) {
          data = set(object, spec, data, line);
        }
        return replacing(object, spec, spec.withData(data));
      }
    }
    MapSpec spec = find(object);
    if (spec == null) {
      throw new TextException(
          "there is no map or global variable '" + name + "' in " + object.file() + known(object));
    }
    inner(object); // A map that there is not is found before anything is made.
    return object;
  }

  /**
   * The maps of {@code object} that {@code assignments} put into maps of maps: to be made, used by
   * programs or not.
   */
  public static Set<String> inner(BpfObject object, List<MapAssignment> assignments)
      throws TextException {
    Set<String> names = new LinkedHashSet<>();
    for (MapAssignment assignment : assignments) {
      names.addAll(assignment.inner(object));
    }
    return names;
  }

  private Set<String> inner(BpfObject object) throws TextException {
    MapSpec holder = find(object);
    if (holder == null || !isHolder(holder)) {
      return Set.of();
    }
    Set<String> names = new LinkedHashSet<>();
    MapText text = new MapText(holder, object.btf());
    for (Line line : lines) {
      try {
        for (MapText.Entry entry : text.entries(line.text())) {
          if (object.map(entry.value()).isEmpty()) {
            throw new TextException("there is no map '" + entry.value() + "' to put there");
          }
          names.add(entry.value());
        }
      } catch (TextException e) {
        throw locate(e.in("map '" + name + "'"), line);
      }
    }
    return names;
  }

  private static boolean isHolder(MapSpec spec) {
    return spec.type() == MapType.ARRAY_OF_MAPS || spec.type() == MapType.HASH_OF_MAPS;
  }

  /**
   * Adds the maps whose places in maps of maps others get by {@code assignments}, once for each
   * place.
   *
   * @param maps finds a loaded map by name
   */
  public static void replaced(
      BpfObject object,
      List<MapAssignment> assignments,
      Function<String, Optional<BpfMap>> maps,
      Collection<BpfMap> replaced)
      throws TextException {
    Map<BpfMap, Map<String, BpfMap>> places = new LinkedHashMap<>();
    for (MapAssignment assignment : assignments) {
      MapSpec spec = assignment.find(object);
      BpfMap map = spec == null ? null : maps.apply(spec.name()).orElse(null);
      if (map instanceof InnerMaps) {
        Map<String, BpfMap> put = places.computeIfAbsent(map, each -> new HashMap<>());
        for (Line line : assignment.lines) {
          for (MapText.Entry entry : new MapText(spec, object.btf()).entries(line.text())) {
            maps.apply(entry.value())
                .ifPresent(inner -> put.put(HexFormat.of().formatHex(entry.key()), inner));
          }
        }
      }
    }
    places.forEach(
        (map, put) ->
            put.forEach(
                (key, fresh) -> {
                  BpfMap there = ((InnerMaps) map).inner(HexFormat.of().parseHex(key));
                  if (there != null && there != fresh) {
                    replaced.add(there);
                  }
                }));
  }

  private byte[] set(BpfObject object, MapSpec spec, byte[] data, Line line) throws TextException {
    boolean whole = spec.name().equals(name);
    String text = whole ? line.text() : "{" + name + ": " + line.text() + "}";
    try {
      return new MapText(spec, object.btf()).value(text, data);
    } catch (TextException e) {
      throw locate(whole ? e.in("map '" + name + "'") : e, line);
    }
  }

  private static boolean isSection(BpfObject object, MapSpec spec) {
    return spec.data() != null || !variables(object, spec).isEmpty();
  }

  private boolean declares(BpfObject object, MapSpec spec) {
    return variables(object, spec).contains(name);
  }

  private static List<String> variables(BpfObject object, MapSpec spec) {
    boolean typed = spec.valueBtf() != 0 && object.btf().contains(spec.valueBtf());
    return typed && object.btf().resolve(spec.valueBtf()) instanceof BtfType.Datasec section
        ? section.variables().stream().map(v -> object.btf().type(v.type()).name()).toList()
        : List.of();
  }

  private static BpfObject replacing(BpfObject object, MapSpec old, MapSpec changed) {
    List<MapSpec> maps = object.maps().stream().map(m -> m == old ? changed : m).toList();
    return new BpfObject(
        object.file(),
        object.programs(),
        maps,
        object.btf(),
        object.license(),
        object.untyped(),
        object.ignored());
  }

  private static String known(BpfObject object) {
    List<String> names = new ArrayList<>();
    for (MapSpec spec : object.maps()) {
      if (isSection(object, spec)) {
        names.addAll(variables(object, spec));
      } else {
        names.add(spec.name());
      }
    }
    return names.isEmpty()
        ? ", which has none"
        : ", which has " + names.stream().map(Objects::toString).collect(Collectors.joining(", "));
  }

  private void fill(
      MapText text,
      Function<String, Optional<BpfMap>> maps,
      BpfMap map,
      Consumer<Runnable> undo,
      Consumer<Runnable> held)
      throws TextException {
    for (Line line : lines) {
      try {
        for (MapText.Entry entry : text.entries(line.text())) {
          put(text, maps, map, entry, undo, held);
        }
      } catch (TextException e) {
        throw locate(e.in("map '" + name + "'"), line);
      }
    }
  }

  private static void put(
      MapText text,
      Function<String, Optional<BpfMap>> maps,
      BpfMap map,
      MapText.Entry entry,
      Consumer<Runnable> undo,
      Consumer<Runnable> held)
      throws TextException {
    if (map instanceof InnerMaps holder) {
      hold(maps, map, holder, entry, undo, held);
      return;
    }
    boolean keyless = map.spec().keySize() == 0;
    byte[] old = keyless ? null : map.get(entry.key());
    byte[] value;
    try {
      value = text.value(entry.value(), old);
    } catch (TextException e) {
      throw e.in("value '" + entry.value() + "'");
    }
    List<byte[]> queued = map instanceof QueueMap queue ? queue.values() : List.of();
    byte[] key = entry.key();
    AtomicBoolean refused = new AtomicBoolean(); // A refused entry has nothing to be put back.
    // Noted before it is done, so that nothing is done that is not noted.
    if (map instanceof QueueMap queue) {
      undo.accept(unless(refused, () -> refill(queue, queued)));
    } else if (!keyless) { // What a bloom filter has once seen it goes on saying it has.
      Runnable back = old == null ? () -> map.remove(key) : () -> map.put(key, old, BpfMap.ANY);
      undo.accept(unless(refused, back));
    }
    int result = map.put(key, value, BpfMap.ANY);
    if (result < 0) {
      refused.set(true);
      throw new TextException(EntryRefusal.of(map.spec(), result));
    }
  }

  private static Runnable unless(AtomicBoolean refused, Runnable back) {
    return () -> {
      if (!refused.get()) {
        back.run();
      }
    };
  }

  private static void refill(QueueMap queue, List<byte[]> values) {
    for (int left = queue.spec().maxEntries(); left > 0 && queue.pop() != null; left--) {
      // Taken out to come back in its old order.
    }
    values.forEach(value -> queue.put(new byte[0], value, BpfMap.ANY));
  }

  private static void hold(
      Function<String, Optional<BpfMap>> maps,
      BpfMap map,
      InnerMaps holder,
      MapText.Entry entry,
      Consumer<Runnable> undo,
      Consumer<Runnable> held)
      throws TextException {
    BpfMap inner =
        maps.apply(entry.value())
            .orElseThrow(
                () -> new TextException("there is no map '" + entry.value() + "' to put there"));
    // Once it is out of the entry, nobody else may have it. What takes back is noted before what it
    // is for is done, so that nothing is done that is not noted; it then changes nothing.
    Held old = new Held(holder);
    held.accept(old::drop);
    old.take(entry.key());
    undo.accept(() -> old.putBack(entry.key()));
    int result = holder.set(entry.key(), inner, BpfMap.ANY);
    if (result < 0) {
      String difference = InnerMaps.difference(map.spec().inner(), inner.spec());
      throw new TextException(
          "map '"
              + inner.name()
              + "' cannot be put there: "
              + (difference.isEmpty() ? EntryRefusal.of(map.spec(), result) : "it " + difference));
    }
  }

  /** A map that was in an entry, with a reference to it. */
  private static final class Held {
    private final InnerMaps holder;
    private BpfMap map;

    Held(InnerMaps holder) {
      this.holder = holder;
    }

    void take(byte[] key) {
      map = holder.take(key);
    }

    void putBack(byte[] key) {
      if (map != null) {
        holder.set(key, map, BpfMap.ANY);
      } else {
        ((BpfMap) holder).remove(key);
      }
    }

    void drop() {
      if (map != null) {
        map.dropReference();
      }
    }
  }

  private static TextException locate(TextException error, Line line) {
    return line.place().isEmpty() ? error : error.in(line.place());
  }
}
