package org.xdp4j.engine.filters;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.TextException;

/**
 * A filter as it is run: as built, or with the maps and variables of {@code filters/examples}.
 *
 * @param name the filter's, {@code -filled} behind it with examples
 * @param program the name of the program that is run first
 * @param object its variables set
 * @param assignments what to fill its maps with
 */
record FilterCase(String name, String program, BpfObject object, List<MapAssignment> assignments) {

  /** Slots of an array that are kept: all that the examples fill. More only take time to read. */
  private static final int LARGEST_ARRAY = 1024;

  /** Every filter as built, and filled where there are examples. */
  static List<FilterCase> all() {
    List<FilterCase> cases = new ArrayList<>();
    for (Path file : Repository.objects()) {
      String filter = file.getFileName().toString().replace(".bpf.o", "");
      List<MapAssignment> examples = examples(filter);
      cases.add(of(filter, filter, List.of()));
      if (!examples.isEmpty()) {
        cases.add(of(filter + "-filled", filter, examples));
      }
    }
    return cases;
  }

  private static FilterCase of(String name, String filter, List<MapAssignment> assignments) {
    try {
      BpfObject object = ObjectReader.read(Repository.FILTERS.resolve(filter + ".bpf.o"));
      BpfObject prepared = MapAssignment.prepare(smaller(object), assignments);
      return new FilterCase(name, filter, prepared, assignments);
    } catch (ObjectException | TextException e) {
      throw new IllegalStateException(name + ": " + e.getMessage(), e);
    }
  }

  private static BpfObject smaller(BpfObject object) {
    List<MapSpec> maps =
        object.maps().stream()
            .map(
                map ->
                    map.type() == MapType.ARRAY && map.maxEntries() > LARGEST_ARRAY
                        ? map.withMaxEntries(LARGEST_ARRAY)
                        : map)
            .toList();
    return new BpfObject(object.file(), object.programs(), maps, object.btf(), object.license());
  }

  private static List<MapAssignment> examples(String filter) {
    List<MapAssignment> examples = new ArrayList<>();
    for (Path file : Repository.files(Repository.FILTERS.resolve("examples/" + filter), "\\w+")) {
      examples.add(assignment(file.getFileName() + "=@" + file));
    }
    return examples;
  }

  private static MapAssignment assignment(String text) {
    try {
      return MapAssignment.parse(text);
    } catch (TextException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same with a variable set, where the object has it. */
  FilterCase with(String variable, String value) {
    try {
      MapAssignment assignment = assignment(variable + "=" + value);
      BpfObject prepared = MapAssignment.prepare(object, List.of(assignment));
      return new FilterCase(name, program, prepared, assignments);
    } catch (TextException e) {
      return this;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
