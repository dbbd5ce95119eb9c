package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.TextException;

/** All {@code --map} options of one command. */
final class MapOptions {
  private final List<MapAssignment> assignments;

  private MapOptions(List<MapAssignment> assignments) {
    this.assignments = assignments;
  }

  static MapOptions parse(List<String> texts) throws CliException {
    List<MapAssignment> assignments = new ArrayList<>();
    for (String text : texts) {
      try {
        assignments.add(MapAssignment.parse(text));
      } catch (TextException e) {
        throw unusable(e);
      }
    }
    return new MapOptions(assignments);
  }

  /** Sets global variables, before loading. */
  BpfObject prepare(BpfObject object) throws CliException {
    try {
      return MapAssignment.prepare(object, assignments);
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  /** Writes entries, after loading. */
  void fill(BpfObject object, LoadedObject loaded) throws CliException {
    try {
      MapAssignment.fill(object, assignments, loaded::map);
    } catch (TextException e) {
      throw unusable(e);
    }
  }

  private static CliException unusable(TextException e) {
    return CliException.unusable("--map: " + e.getMessage(), e);
  }
}
