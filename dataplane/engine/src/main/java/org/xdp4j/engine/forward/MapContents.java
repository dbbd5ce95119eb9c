package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.SharedSlot;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.EntryRefusal;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.bpf.text.TextException;

/**
 * What a plan puts into a program's maps and variables. Most is as the command line has it ({@link
 * MapAssignment}); maps whose values are places or programs are written by name:
 *
 * <pre>
 *  device map     KEY=PORT[+PROGRAM]       a port's name or interface index
 *  CPU map        WORKER=QUEUE[+PROGRAM]   the length of its queue
 *  program array  KEY=PROGRAM
 * </pre>
 *
 * and as {@link ProgramPlace} has them else.
 */
final class MapContents {
  private record Place(String map, int key, String value, String program) {}

  private final List<MapAssignment> assignments = new ArrayList<>();
  private final Map<MapAssignment, String> texts = new IdentityHashMap<>();
  private final List<Place> places = new ArrayList<>();
  private final DevicePorts ports;

  /** The version before, which has written its own; null for none. */
  private Attachment before;

  /** Whether all maps are in use. */
  private boolean running;

  private MapContents(DevicePorts ports) {
    this.ports = ports;
  }

  static MapContents parse(List<String> texts, BpfObject object, DevicePorts ports)
      throws TextException {
    MapContents contents = new MapContents(ports);
    for (String text : texts) {
      int separator = text.indexOf('=');
      String name = separator < 0 ? "" : text.substring(0, separator).strip();
      MapSpec places =
          object.maps().stream()
              .filter(map -> map.name().equals(name) && ProgramPlace.isHeldBy(map))
              .findAny()
              .orElse(null);
      if (places == null) {
        MapAssignment assignment = MapAssignment.parse(text);
        contents.assignments.add(assignment);
        contents.texts.put(assignment, text);
      } else {
        for (ProgramPlace each : ProgramPlace.parse(places, text.substring(separator + 1))) {
          contents.places.add(new Place(name, each.key(), each.value(), each.program()));
        }
      }
    }
    return contents;
  }

  /** These, for a program that runs: others have all of its maps. */
  MapContents ofRunning() {
    running = true;
    return this;
  }

  /** These, for a version that goes on with maps of {@code version}; null for none. */
  MapContents after(Attachment version) {
    before = version;
    return this;
  }

  /** The programs that are put into maps. */
  Set<String> programs() {
    Set<String> names = new LinkedHashSet<>();
    places.stream().map(Place::program).filter(name -> name != null).forEach(names::add);
    return names;
  }

  /** Sets variables, before loading. */
  BpfObject prepare(BpfObject object) throws TextException {
    return MapAssignment.prepare(object, assignments);
  }

  /** The maps that are put into maps of maps, which are to be made though no program uses them. */
  Set<String> inner(BpfObject object) throws TextException {
    return MapAssignment.inner(object, assignments);
  }

  /** Whether {@code loaded} has all maps that are put into maps of maps. */
  static boolean hasInner(List<String> texts, LoadedObject loaded) {
    try {
      MapContents contents = parse(texts, loaded.object(), DevicePorts.of(List.of()));
      return contents.inner(loaded.object()).stream()
          .allMatch(name -> loaded.map(name).isPresent());
    } catch (TextException e) {
      return true; // What is wrong is said when it is to be written.
    }
  }

  /** Writes entries into maps that only {@code loaded} has yet, after loading. */
  void fillOwn(BpfObject object, LoadedObject loaded) throws TextException {
    MapChanges ofNobody = new MapChanges();
    try {
      fill(object, loaded, ofNobody, false);
    } finally {
      ofNobody.settle();
    }
  }

  /** Writes entries into maps that others have too; what was written is in {@code changes}. */
  void fillShared(BpfObject object, LoadedObject loaded, MapChanges changes) throws TextException {
    fill(object, loaded, changes, true);
  }

  private void fill(BpfObject object, LoadedObject loaded, MapChanges changes, boolean shared)
      throws TextException {
    List<MapAssignment> entries =
        assignments.stream()
            .filter(each -> isShared(each.name(), loaded) == shared && !isPushed(each, loaded))
            .toList();
    MapAssignment.fill(object, entries, loaded::map, changes::add, changes::hold);
    for (Place place : places) {
      if (isShared(place.map, loaded) == shared) {
        put(place, loaded, changes);
      }
    }
  }

  /**
   * Whether the version before has put these values into the same map without keys: there they
   * would not take the places of those, but come beside them.
   */
  private boolean isPushed(MapAssignment assignment, LoadedObject loaded) {
    BpfMap map = loaded.map(assignment.name()).orElse(null);
    return before != null
        && map != null
        && map.spec().keySize() == 0
        && map == before.loaded.map(assignment.name()).orElse(null)
        && before.plan.maps().contains(texts.get(assignment));
  }

  private boolean isShared(String map, LoadedObject loaded) {
    return running || loaded.map(map).map(loaded::isShared).orElse(false);
  }

  /** Adds the maps whose places in shared maps of maps others get. */
  void replaced(BpfObject object, LoadedObject loaded, Collection<BpfMap> inner)
      throws TextException {
    List<MapAssignment> shared =
        assignments.stream().filter(each -> isShared(each.name(), loaded)).toList();
    MapAssignment.replaced(object, shared, loaded::map, inner);
  }

  /** Adds the programs whose places in shared maps others get; those of {@code slots} are known. */
  void replaced(LoadedObject loaded, List<SharedSlot> slots, List<MapProgram> replaced) {
    Set<String> seen = new HashSet<>();
    slots.forEach(slot -> seen.add(slot.array().id() + "/" + slot.slot()));
    for (Place place : places) {
      BpfMap map = isShared(place.map, loaded) ? loaded.map(place.map).orElse(null) : null;
      if (map != null && seen.add(map.id() + "/" + place.key)) {
        MapProgram there =
            switch (map) {
              case ProgramArrayMap array -> array.holder(place.key);
              case DeviceMap devices -> devices.holder(place.key);
              case CpuMap cpus -> cpus.holder(place.key);
              default -> null;
            };
        if (there != null) {
          replaced.add(there);
        }
      }
    }
  }

  private void put(Place place, LoadedObject loaded, MapChanges changes) throws TextException {
    String where = "map '" + place.map + "': entry " + place.key;
    BpfMap map =
        loaded
            .map(place.map)
            .orElseThrow(() -> new TextException(where + ": no program uses the map"));
    XdpProgram program = place.program == null ? null : program(place, loaded, where);
    int result =
        switch (map) {
          case ProgramArrayMap array -> changes.put(array, place.key, program);
          case DeviceMap devices ->
              changes.put(devices, place.key, ports.index(place.value, where), program);
          case CpuMap cpus -> changes.put(cpus, place.key, number(place, where), program);
          default -> throw new TextException(where + ": it cannot be written");
        };
    if (result < 0) {
      throw new TextException(
          program == null
              ? where + ": " + EntryRefusal.of(map.spec(), result)
              : "%s: the map cannot hold program '%s': %s"
                  .formatted(where, place.program, program.objection(map, result)));
    }
  }

  private static XdpProgram program(Place place, LoadedObject loaded, String where)
      throws TextException {
    return loaded
        .program(place.program)
        .orElseThrow(
            () -> new TextException(where + ": there is no program '" + place.program + "'"));
  }

  private static int number(Place place, String where) throws TextException {
    try {
      return Integer.parseInt(place.value);
    } catch (NumberFormatException e) {
      throw new TextException(where + ": '" + place.value + "' is no number");
    }
  }
}
