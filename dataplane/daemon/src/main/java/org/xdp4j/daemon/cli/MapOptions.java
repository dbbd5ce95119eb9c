package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
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

  /**
   * The same for several programs, each getting what is its own: an option's name is a map or a
   * global variable of one program only, or is written {@code PROGRAM:NAME}.
   */
  static List<MapOptions> share(
      List<String> texts, List<BpfObject> objects, List<BpfProgram> programs) throws CliException {
    List<List<MapAssignment>> shares = new ArrayList<>();
    objects.forEach(object -> shares.add(new ArrayList<>()));
    for (MapAssignment assignment : parse(texts).assignments) {
      String name = assignment.name();
      int colon = name.indexOf(':');
      List<Integer> owners = new ArrayList<>();
      MapAssignment own = assignment;
      if (colon > 0) {
        own = assignment.named(name.substring(colon + 1));
      }
      for (int i = 0; i < objects.size(); i++) {
        boolean asked = colon <= 0 || programs.get(i).name().equals(name.substring(0, colon));
        if (asked && (colon > 0 || objects.size() == 1 || own.fits(objects.get(i)))) {
          owners.add(i);
        }
      }
      shares.get(only(owners, name, programs)).add(own);
    }
    return shares.stream().map(MapOptions::new).toList();
  }

  private static int only(List<Integer> owners, String name, List<BpfProgram> programs)
      throws CliException {
    if (owners.size() == 1) {
      return owners.getFirst();
    }
    if (owners.isEmpty()) {
      throw CliException.unusable(
          name.contains(":")
              ? "--map: no program " + name.substring(0, name.indexOf(':')) + " is run"
              : "--map: no program has a map or global variable '" + name + "'");
    }
    List<String> ways = new ArrayList<>();
    owners.forEach(i -> ways.add(programs.get(i).name() + ":" + name));
    throw CliException.unusable(
        "--map: several programs have '" + name + "', write " + String.join(" or ", ways));
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
