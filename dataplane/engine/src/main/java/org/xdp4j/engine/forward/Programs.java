package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** Programs of a running forwarder. Changes made here change its plan too. */
public final class Programs {
  private final Control control;

  Programs(Control control) {
    this.control = control;
  }

  /** The attached programs, one for each of a chain. */
  public List<ProgramView> list() {
    return Attachments.views(control.attachments());
  }

  /** The same with all that programs returned before them. */
  public PastRuns runs() {
    return control.runs();
  }

  /**
   * Loads a program and attaches it to its ports, which have none; or, when one of that name is
   * there, puts it in its place: it is verified and compiled first, its maps are kept where name
   * and shape are the same, and each worker goes over to it between two batches.
   *
   * @throws ForwarderException saying why it is refused; then nothing changed
   */
  public void load(ProgramPlan program) throws ForwarderException {
    synchronized (control) {
      List<ProgramPlan> all = new ArrayList<>(plan().programs());
      all.removeIf(each -> each.name().equals(program.name()));
      all.add(program);
      control.apply(plan().withPrograms(all));
    }
  }

  /**
   * Puts another program in the place of whatever is on a port.
   *
   * @throws ForwarderException saying why it is refused; then nothing changed
   */
  public void replace(String port, ProgramPlan program) throws ForwarderException {
    synchronized (control) {
      List<ProgramPlan> all = without(port);
      all.removeIf(each -> each.name().equals(program.name()));
      Set<String> ports = new LinkedHashSet<>(program.ports());
      ports.add(port);
      all.add(program.withPorts(List.copyOf(ports)));
      control.apply(plan().withPrograms(all));
    }
  }

  /**
   * Puts programs of a plan's object into entries of a map of its, with what else stands there, as
   * {@code NAME=ENTRY} of {@link ProgramPlan#maps} does and in the place of what that says of these
   * keys. Programs that are not loaded yet are, with the others; the maps are kept.
   *
   * @param name of the plan's program
   * @throws ForwarderException saying why it is refused; then nothing changed
   */
  public void put(String name, MapSpec map, String entries) throws ForwarderException {
    synchronized (control) {
      ProgramPlan program =
          plan().programs().stream()
              .filter(each -> each.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new ForwarderException("there is no program '" + name + "'"));
      try {
        List<String> maps = new ArrayList<>(without(program.maps(), map, entries));
        maps.add(map.name() + "=" + entries);
        load(program.withMaps(maps.toArray(String[]::new)));
      } catch (TextException e) {
        throw ForwarderException.about("program", name, e.getMessage(), e);
      }
    }
  }

  /** Assignments without those to keys of a map that other entries are for. */
  private static List<String> without(List<String> assignments, MapSpec map, String entries)
      throws TextException {
    Set<Integer> keys = new HashSet<>();
    ProgramPlace.parse(map, entries).forEach(place -> keys.add(place.key()));
    List<String> left = new ArrayList<>();
    for (String text : assignments) {
      int equals = text.indexOf('=');
      if (equals < 0 || !text.substring(0, equals).strip().equals(map.name())) {
        left.add(text);
        continue;
      }
      String others =
          ProgramPlace.parse(map, text.substring(equals + 1)).stream()
              .filter(place -> !keys.contains(place.key()))
              .map(ProgramPlace::text)
              .collect(Collectors.joining(","));
      if (!others.isEmpty()) {
        left.add(map.name() + "=" + others);
      }
    }
    return left;
  }

  /**
   * Takes whatever is on a port away; the stack gets its frames as they come.
   *
   * @throws ForwarderException when there is no such port, or nothing on it
   */
  public void detach(String port) throws ForwarderException {
    synchronized (control) {
      if (plan().ports().stream().noneMatch(each -> each.name().equals(port))) {
        throw new ForwarderException("there is no port '" + port + "'");
      }
      if (plan().programs().stream().noneMatch(each -> each.ports().contains(port))) {
        throw new ForwarderException("port '" + port + "' has no program");
      }
      control.apply(plan().withPrograms(without(port)));
    }
  }

  private ForwarderPlan plan() {
    return control.plan();
  }

  /** The plan's programs with nothing on a port; one that was there alone goes. */
  private List<ProgramPlan> without(String port) {
    List<ProgramPlan> all = new ArrayList<>();
    for (ProgramPlan each : plan().programs()) {
      List<String> left = each.ports().stream().filter(name -> !name.equals(port)).toList();
      if (left.size() == each.ports().size()) {
        all.add(each);
      } else if (!left.isEmpty()) {
        all.add(each.withPorts(left));
      }
    }
    return all;
  }
}
