package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** The object's maps by the places that relocations name. */
final class MapTable {
  /** Where libbpf's BTF-defined maps stand. */
  static final String BTF_MAPS = ".maps";

  /** What {@link #at} and {@link #data} answer when there is none. */
  static final int NONE = -1;

  /** Compared by plain code: what a record's own would be linked by takes time at every start. */
  private record Position(int section, long offset) {
    @Override
    public int hashCode() {
      return 31 * Long.hashCode(offset) + section;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Position position
          && position.section == section
          && position.offset == offset;
    }
  }

  private final List<MapSpec> specs = new ArrayList<>();
  private final Map<Position, Integer> byPosition = new HashMap<>();
  private final Map<Integer, Integer> bySection = new HashMap<>();

  /** Adds a map that stands at one offset of its section. */
  void add(PlacedMap map) {
    byPosition.putIfAbsent(new Position(map.section(), map.offset()), specs.size());
    specs.add(map.spec());
  }

  /** Adds a map that is a whole section. */
  void addData(int section, MapSpec spec) {
    bySection.put(section, specs.size());
    specs.add(spec);
  }

  /** Adds a map that no relocation names, and returns its index. */
  int addUnplaced(MapSpec spec) {
    specs.add(spec);
    return specs.size() - 1;
  }

  /** The index of the map at this place. */
  int at(int section, long offset) {
    return byPosition.getOrDefault(new Position(section, offset), NONE);
  }

  /** The index of the map that this section is. */
  int data(int section) {
    return bySection.getOrDefault(section, NONE);
  }

  /** The index of the only arena; {@link #NONE} when there is none, or several. */
  int arena() {
    int found = NONE;
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).type() == MapType.ARENA) {
        if (found != NONE) {
          return NONE;
        }
        found = i;
      }
    }
    return found;
  }

  /** A section is the beginning of the map at {@code index}, whose definition becomes another. */
  void place(int section, int index, MapSpec spec) {
    bySection.put(section, index);
    specs.set(index, spec);
  }

  /** The definitions, by index. */
  List<MapSpec> specs() {
    return List.copyOf(specs);
  }
}
