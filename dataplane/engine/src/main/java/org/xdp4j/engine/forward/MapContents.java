package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.MapAssignment;
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
 */
final class MapContents {
  private static final Set<MapType> PLACES =
      Set.of(MapType.DEVMAP, MapType.DEVMAP_HASH, MapType.CPUMAP, MapType.PROG_ARRAY);

  private record Place(String map, int key, String value, String program) {}

  private final List<MapAssignment> assignments = new ArrayList<>();
  private final List<Place> places = new ArrayList<>();
  private final DevicePorts ports;

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
              .filter(map -> map.name().equals(name) && PLACES.contains(map.type()))
              .findAny()
              .orElse(null);
      if (places == null) {
        contents.assignments.add(MapAssignment.parse(text));
      } else {
        for (String entry : text.substring(separator + 1).split(",")) {
          contents.places.add(place(places, entry.strip()));
        }
      }
    }
    return contents;
  }

  private static Place place(MapSpec map, String entry) throws TextException {
    String[] sides = entry.split("=", 2);
    String where = "map '" + map.name() + "': entry '" + entry + "'";
    if (sides.length != 2) {
      throw new TextException(where + ": a value is missing, write KEY=VALUE");
    }
    int key;
    try {
      key = Integer.parseUnsignedInt(sides[0].strip());
    } catch (NumberFormatException e) {
      throw new TextException(where + ": its key is no number");
    }
    String value = sides[1].strip();
    if (map.type() == MapType.PROG_ARRAY) {
      return new Place(map.name(), key, "", value);
    }
    int plus = value.indexOf('+');
    return plus < 0
        ? new Place(map.name(), key, value, null)
        : new Place(
            map.name(), key, value.substring(0, plus).strip(), value.substring(plus + 1).strip());
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

  /** Writes entries, after loading; all or, with an exception, none. */
  void fill(BpfObject object, LoadedObject loaded, List<Runnable> undo) throws TextException {
    int before = undo.size();
    try {
      MapAssignment.fill(object, assignments, loaded::map, undo::add);
      for (Place place : places) {
        put(place, loaded, undo);
      }
    } catch (TextException e) {
      while (undo.size() > before) {
        undo.removeLast().run();
      }
      throw e;
    }
  }

  private void put(Place place, LoadedObject loaded, List<Runnable> undo) throws TextException {
    String where = "map '" + place.map + "': entry " + place.key;
    BpfMap map =
        loaded
            .map(place.map)
            .orElseThrow(() -> new TextException(where + ": no program uses the map"));
    XdpProgram program = place.program == null ? null : program(place, loaded, where);
    int result;
    switch (map) {
      case ProgramArrayMap array -> {
        String oldName = array.programName(place.key);
        Executable old = array.program(place.key);
        result = program.putInto(array, place.key);
        undo.add(() -> array.set(place.key, oldName, old));
      }
      case DeviceMap devices -> {
        int old = devices.target(place.key);
        Executable oldProgram = devices.program(place.key);
        int port = ports.index(place.value, where);
        result =
            program == null
                ? devices.set(place.key, port, null)
                : program.putInto(devices, place.key, port);
        undo.add(
            old == 0
                ? () -> map.remove(key(place))
                : () -> devices.set(place.key, old, oldProgram));
      }
      case CpuMap cpus -> {
        int old = cpus.queueSize(place.key);
        Executable oldProgram = cpus.program(place.key);
        int length = number(place, where);
        result =
            program == null
                ? cpus.set(place.key, length, null)
                : program.putInto(cpus, place.key, length);
        undo.add(
            old == 0 ? () -> map.remove(key(place)) : () -> cpus.set(place.key, old, oldProgram));
      }
      default -> throw new TextException(where + ": it cannot be written");
    }
    if (result < 0) {
      undo.removeLast();
      throw new TextException(
          program == null
              ? where + ": the map refuses it with error " + -result
              : "%s: the map cannot hold program '%s': %s"
                  .formatted(where, place.program, program.objection(map, result)));
    }
  }

  private static byte[] key(Place place) {
    byte[] key = new byte[Integer.BYTES];
    for (int i = 0; i < key.length; i++) {
      key[i] = (byte) (place.key >>> 8 * i);
    }
    return key;
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
