package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.ProgramPlace;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** What runs on the ports, and how it comes from one plan to the next. Used by the control. */
final class Attachments {
  private final ProgramLoader loader;

  Attachments(ProgramLoader loader) {
    this.loader = loader;
  }

  /**
   * The attachments of a plan, by the names of its programs.
   *
   * @param old those that run now; what did not change stays
   * @param loaded gets those that were loaded, also when this fails
   * @param changes gets what takes back what was changed for it
   * @param writes gets what is to be written into maps that are in use
   */
  Map<String, Attachment> load(
      ForwarderPlan plan,
      Map<String, Attachment> old,
      List<LivePort> ports,
      List<Attachment> loaded,
      MapChanges changes,
      List<MapWrite> writes)
      throws ForwarderException {
    DevicePorts indices = DevicePorts.of(ports);
    checkPorts(plan, ports.stream().map(LivePort::name).collect(Collectors.toSet()));
    Map<String, Attachment> attachments = new LinkedHashMap<>();
    for (ProgramPlan program : plan.programs()) {
      Attachment before = old.get(program.name());
      Attachment attachment;
      if (before != null && isSameCode(before, program)) {
        if (!before.plan.maps().equals(program.maps())) {
          writes.add(loader.refill(before, program, indices));
        }
        attachment = before.plan.equals(program) ? before : before.as(program);
      } else {
        attachment = loader.load(program, before, indices, changes, writes);
        loaded.add(attachment);
      }
      if (attachments.put(program.name(), attachment) != null) {
        throw ForwarderException.about(
            "program", program.name(), "there are two of this name", null);
      }
    }
    return attachments;
  }

  private static void checkPorts(ForwarderPlan plan, Set<String> names) throws ForwarderException {
    Map<String, String> taken = new HashMap<>();
    for (ProgramPlan program : plan.programs()) {
      for (String port : program.ports()) {
        if (!names.contains(port)) {
          throw ForwarderException.about(
              "program", program.name(), "there is no port '" + port + "'", null);
        }
        String other = taken.putIfAbsent(port, program.name());
        if (other != null) {
          throw ForwarderException.about(
              "program", program.name(), "port '%s' has program '%s'".formatted(port, other), null);
        }
      }
    }
  }

  /** Whether the loaded version is still what the plan means; variables are part of the code. */
  private static boolean isSameCode(Attachment before, ProgramPlan program) {
    return before.plan.object().equals(program.object())
        && before.plan.chain().equals(program.chain())
        && before.plan.runConfigs().equals(program.runConfigs())
        && before.plan.asXdp() == program.asXdp()
        && before.plan.replaced().equals(program.replaced())
        && before.plan.pinned().equals(program.pinned())
        && before.plan.kernel().equals(program.kernel())
        && before.stamps.equals(FileStamp.of(program))
        && (before.plan.maps().equals(program.maps())
            || MapContents.hasInner(program.maps(), before.loaded)
                && onlyEntries(before, before.plan.maps())
                && onlyEntries(before, program.maps())
                && ofPrograms(before, before.plan.maps())
                    .equals(ofPrograms(before, program.maps())));
  }

  /** Whether assignments are of maps' entries, which can be written at any time. */
  private static boolean onlyEntries(Attachment before, List<String> assignments) {
    return assignments.stream()
        .map(text -> text.substring(0, Math.max(0, text.indexOf('='))).strip())
        .allMatch(
            name ->
                before.loaded.object().maps().stream()
                    .anyMatch(map -> map.name().equals(name) && map.data() == null));
  }

  /** Puts them on their ports. */
  static void attach(Map<String, Attachment> attachments, List<LivePort> ports) {
    Map<String, Attachment> byPort = new HashMap<>();
    for (Attachment attachment : attachments.values()) {
      attachment.plan.ports().forEach(port -> byPort.put(port, attachment));
    }
    for (LivePort port : ports) {
      port.attachment = byPort.get(port.name());
    }
  }

  /** One view for each program of each chain. */
  static List<ProgramView> views(Collection<Attachment> attachments) {
    List<ProgramView> views = new ArrayList<>();
    for (Attachment attachment : attachments) {
      for (int i = 0; i < attachment.chain.length; i++) {
        List<Long> runs = new ArrayList<>();
        for (int code = 0; code < Attachment.CODES; code++) {
          runs.add(attachment.runs(i, code));
        }
        views.add(
            new ProgramView(
                attachment.plan.name(),
                attachment.chain[i].program().name(),
                attachment.plan.object(),
                attachment.plan.ports(),
                attachment.since,
                attachment.chain[i].program().verified().program().instructions().size(),
                runs,
                attachment.faults(i)));
      }
    }
    return views;
  }

  /** Their maps. */
  static List<MapView> maps(Collection<Attachment> attachments) {
    List<MapView> views = new ArrayList<>();
    for (Attachment attachment : attachments) {
      for (LoadedObject object : attachment.objects()) {
        for (var map : object.maps()) {
          var spec = object.definition(map);
          views.add(new MapView(attachment.plan.name(), spec.name(), map, spec, object.object()));
        }
      }
    }
    return views;
  }

  /** Those of assignments that put programs into maps: others may have to be loaded for others. */
  private static List<String> ofPrograms(Attachment before, List<String> assignments) {
    return assignments.stream()
        .filter(text -> holdsPrograms(before.loaded.object(), text))
        .toList();
  }

  private static boolean holdsPrograms(BpfObject object, String text) {
    int equals = Math.max(0, text.indexOf('='));
    String name = text.substring(0, equals).strip();
    return object.maps().stream()
        .filter(map -> map.name().equals(name) && ProgramPlace.isHeldBy(map))
        .anyMatch(map -> ProgramPlace.isIn(map, text.substring(equals + 1)));
  }
}
