package org.xdp4j.engine.forward;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.XdpChain;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.engine.plan.ProgramPlan;

/** Loads a plan's programs: verified, compiled, their maps filled, ready to be attached. */
final class ProgramLoader {
  private final Region region;
  private final int workers;
  private final PinnedMaps pins;
  private final MapBudget budget;

  /**
   * @param budget what the maps of all programs may take together
   */
  ProgramLoader(Region region, int workers, PinnedMaps pins, MapBudget budget) {
    this.budget = budget;
    this.region = region;
    this.workers = workers;
    this.pins = pins;
  }

  /**
   * Loads a program.
   *
   * @param before the version whose maps it goes on with; null for none
   * @param ports interface indices by name, for what is put into device maps
   * @param changes gets what takes its pins back
   * @param writes gets what is to be written into maps that are in use
   */
  Attachment load(
      ProgramPlan plan,
      Attachment before,
      DevicePorts ports,
      MapChanges changes,
      List<MapWrite> writes)
      throws ForwarderException {
    List<FileStamp> stamps = FileStamp.of(plan);
    try {
      BpfObject read = read(plan.object(), plan.kernel());
      MapContents contents = MapContents.parse(plan.maps(), read, ports).after(before);
      BpfObject object = contents.prepare(read);
      List<String> chain = chain(plan, object);
      LoadOptions options = options(plan, object, chain, contents, before);
      options = withPins(plan, object, options);
      LoadedObject loaded = LoadedObject.load(object, region, options);
      try {
        contents.fillOwn(object, loaded);
        for (ProgramPlan.Replaced each : plan.replaced()) {
          replace(plan, each, loaded, before);
        }
        Attachment attachment = attachment(plan, loaded, chain, stamps);
        pin(plan, loaded, changes);
        writes.add(new MapWrite(plan, object, loaded, contents, loaded.sharedSlots()));
        return attachment;
      } catch (ObjectException | LoadException | TextException | RuntimeException | Error e) {
        loaded.discard(); // nobody but this has it yet
        throw e;
      }
    } catch (ObjectException | LoadException | TextException e) {
      throw ForwarderException.about("program", plan.name(), e.getMessage(), e);
    }
  }

  /** Loads another object's program and puts it in a function's place. */
  private void replace(
      ProgramPlan plan, ProgramPlan.Replaced replaced, LoadedObject loaded, Attachment before)
      throws ObjectException, LoadException {
    BpfObject object = read(replaced.object(), plan.kernel());
    BpfProgram by = replacing(object, replaced.by());
    String section = ProgramType.replacedBy(by.section());
    String function = replaced.function() == null ? section : replaced.function();
    if (function == null) {
      throw new LoadException(
          "%s: section %s of program %s names no function to replace"
              .formatted(object.file(), by.section(), by.name()));
    }
    LoadOptions options =
        new LoadOptions(workers, false, false, Set.of(by.name()))
            .pinnedIn(pins)
            .within(budget)
            .extend(target(loaded, replaced.program(), function), function);
    for (LoadedObject old : before == null ? List.<LoadedObject>of() : before.loaded.adopted()) {
      if (old.object().file().equals(object.file())) {
        options = keep(old, object, options);
      }
    }
    LoadedObject other = LoadedObject.load(object, region, options);
    try {
      other.extensions().getFirst().attach();
      loaded.adopt(other);
    } catch (LoadException | RuntimeException | Error e) {
      other.discard();
      throw e;
    }
  }

  private static BpfProgram replacing(BpfObject object, String name) throws LoadException {
    List<BpfProgram> candidates =
        object.programs().stream()
            .filter(
                each ->
                    name == null
                        ? each.autoloads() && each.type() == ProgramType.EXTENSION
                        : each.name().equals(name))
            .toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    throw new LoadException(
        name != null
            ? "%s: no program named %s; it has %s"
                .formatted(object.file(), name, names(object.programs()))
            : candidates.isEmpty()
                ? "%s: no program that replaces a function; it has %s"
                    .formatted(object.file(), names(object.programs()))
                : "%s: which of its programs is meant must be said: %s"
                    .formatted(object.file(), names(candidates)));
  }

  /** The program that has the function. */
  private static XdpProgram target(LoadedObject loaded, String name, String function)
      throws LoadException {
    List<XdpProgram> having =
        loaded.programs().stream()
            .filter(
                each ->
                    name == null
                        ? each.verified().program().function(function) != null
                        : each.name().equals(name))
            .toList();
    if (having.size() == 1) {
      return having.getFirst();
    }
    throw new LoadException(
        having.isEmpty()
            ? name == null
                ? "no program has function %s, which is to be replaced".formatted(function)
                : "no program %s is run, whose function %s is to be replaced"
                    .formatted(name, function)
            : "several programs have function %s, which is to be replaced: write PROGRAM:%s"
                .formatted(function, function));
  }

  private Attachment attachment(
      ProgramPlan plan, LoadedObject loaded, List<String> chain, List<FileStamp> stamps)
      throws ObjectException, LoadException {
    List<XdpChain.Member> members = new ArrayList<>();
    for (String name : chain) {
      members.add(
          new XdpChain.Member(
              loaded.program(name).orElseThrow(), runConfig(plan, loaded.object(), name)));
    }
    if (members.size() == 1) {
      return new Attachment(plan, loaded, members, null, stamps, workers);
    }
    XdpChain linked =
        loaded.chain(members, region, new LoadOptions(workers, false, false, Set.of()));
    return new Attachment(plan, loaded, linked.members(), linked, stamps, workers);
  }

  private static RunConfig runConfig(ProgramPlan plan, BpfObject object, String program)
      throws ObjectException, LoadException {
    RunConfig own = RunConfig.of(object, program);
    String override = plan.runConfigs().get(program);
    try {
      return override == null ? own : own.override(override);
    } catch (IllegalArgumentException e) {
      throw new LoadException(
          "the run configuration of %s, '%s': %s".formatted(program, override, e.getMessage()), e);
    }
  }

  private static BpfObject read(Path file, ProgramPlan.Kernel kernel) throws ObjectException {
    return ObjectReader.read(
        file,
        kernel.kconfig() == null ? Kconfig.DEFAULT : Kconfig.read(kernel.kconfig()),
        kernel.btf() == null ? Btf.EMPTY : TargetBtf.read(kernel.btf()));
  }

  /** Other contents for the maps of a program that stays. */
  MapWrite refill(Attachment stays, ProgramPlan plan, DevicePorts ports) throws ForwarderException {
    try {
      BpfObject object = stays.loaded.object();
      MapContents contents = MapContents.parse(plan.maps(), object, ports).after(stays);
      return new MapWrite(plan, object, stays.loaded, contents.ofRunning(), List.of());
    } catch (TextException e) {
      throw ForwarderException.about("program", plan.name(), e.getMessage(), e);
    }
  }

  private static List<String> chain(ProgramPlan plan, BpfObject object) throws LoadException {
    if (!plan.chain().isEmpty()) {
      for (String name : plan.chain()) {
        if (object.program(name).isEmpty()) {
          throw new LoadException(
              "%s: no program named %s; it has %s"
                  .formatted(object.file(), name, names(object.programs())));
        }
      }
      return plan.chain();
    }
    List<BpfProgram> candidates =
        object.programs().stream()
            .filter(p -> p.autoloads() && (plan.asXdp() || p.type() == ProgramType.XDP))
            .toList();
    Set<String> called = tailCalled(object);
    List<BpfProgram> first =
        candidates.stream().filter(program -> !called.contains(program.name())).toList();
    if (first.size() != 1) {
      throw new LoadException(
          candidates.isEmpty()
              ? object.file() + ": no XDP program; it has " + names(object.programs())
              : "%s: which of its programs is meant must be said: %s"
                  .formatted(object.file(), names(candidates)));
    }
    return List.of(first.getFirst().name());
  }

  private static Set<String> tailCalled(BpfObject object) {
    return object.maps().stream()
        .flatMap(map -> map.slots().stream())
        .map(MapSpec.Slot::symbol)
        .collect(Collectors.toSet());
  }

  private static String names(List<BpfProgram> programs) {
    return programs.isEmpty()
        ? "none"
        : programs.stream().map(BpfProgram::name).collect(Collectors.joining(", "));
  }

  private LoadOptions options(
      ProgramPlan plan,
      BpfObject object,
      List<String> chain,
      MapContents contents,
      Attachment before)
      throws TextException {
    Set<String> programs = new LinkedHashSet<>(chain);
    programs.addAll(contents.programs());
    LoadOptions options = new LoadOptions(workers, false, plan.asXdp(), programs);
    if (before != null) {
      options = keep(before.loaded, object, options);
    }
    return options.pinnedIn(pins).within(budget).leaveSharedArrays().making(contents.inner(object));
  }

  private static LoadOptions keep(LoadedObject before, BpfObject object, LoadOptions options) {
    LoadOptions more = options;
    for (BpfMap map : before.maps()) {
      MapSpec old = before.definition(map);
      if (isKept(old, object)) {
        more = more.reuse(old.name(), map);
      }
    }
    return more;
  }

  /** Whether the new version has a map of the same name and shape; its variables are its own. */
  private static boolean isKept(MapSpec old, BpfObject object) {
    return old.data() == null
        && object.maps().stream()
            .anyMatch(fresh -> fresh.name().equals(old.name()) && isSameShape(old, fresh));
  }

  private static boolean isSameShape(MapSpec old, MapSpec fresh) {
    return fresh.data() == null
        && fresh.type() == old.type()
        && fresh.keySize() == old.keySize()
        && fresh.valueSize() == old.valueSize()
        && fresh.maxEntries() == old.maxEntries()
        && fresh.flags() == old.flags()
        && fresh.extra() == old.extra()
        && fresh.fields().equals(old.fields())
        && holdsTheSame(old.inner(), fresh.inner());
  }

  /** Whether maps of maps take the same maps. */
  private static boolean holdsTheSame(MapSpec old, MapSpec fresh) {
    return old == null || fresh == null
        ? old == fresh
        : InnerMaps.fits(old, fresh) && InnerMaps.fits(fresh, old);
  }

  private LoadOptions withPins(ProgramPlan plan, BpfObject object, LoadOptions options)
      throws LoadException {
    LoadOptions more = options;
    for (String name : plan.pinned()) {
      if (object.maps().stream().noneMatch(map -> map.name().equals(name))) {
        throw new LoadException(object.file() + ": it has no map '" + name + "' to be pinned");
      }
      BpfMap known = pins.find(name).orElse(null);
      if (known != null) {
        more = more.reuse(name, known);
      }
    }
    return more;
  }

  private void pin(ProgramPlan plan, LoadedObject loaded, MapChanges changes) {
    for (String name : plan.pinned()) {
      if (pins.find(name).isEmpty()) {
        changes.add(() -> pins.unpin(name)); // noted before it is done: it may be all that can be
        loaded.map(name).ifPresent(map -> pins.pin(name, map));
      }
    }
  }
}
