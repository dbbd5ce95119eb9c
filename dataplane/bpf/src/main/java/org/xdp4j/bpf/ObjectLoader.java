package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.map.ProgramKind;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.SectionKinds;
import org.xdp4j.bpf.verifier.Extension;
import org.xdp4j.bpf.verifier.VerifiedProgram;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/** One load of an object: which programs, which maps, and in which order they come to be. */
final class ObjectLoader {
  private final BpfObject object;
  private final Region region;
  private final LoadOptions options;
  private final ObjectMaps maps;
  private final Map<String, XdpProgram> programs = new LinkedHashMap<>();
  private final List<XdpExtension> extensions = new ArrayList<>();

  ObjectLoader(BpfObject object, Region region, LoadOptions options) {
    this.object = object;
    this.region = region;
    this.options = options;
    this.maps = new ObjectMaps(object, region, options);
  }

  LoadedObject load() throws LoadException {
    try {
      List<BpfProgram> chosen = withTailCallTargets(choose());
      maps.change();
      maps.takeOver();
      check(chosen);
      region.objects().chargeTo(options.budget());
      List<VerifiedProgram> verified = new ArrayList<>();
      for (BpfProgram program : chosen) {
        verified.add(verify(program));
      }
      for (BpfProgram program : chosen) {
        maps.createFor(program);
      }
      maps.createOthers();
      for (VerifiedProgram program : verified) {
        make(program);
      }
      maps.fillMapsOfMaps();
      List<SharedSlot> shared = fillProgramArrays();
      return new LoadedObject(
          object, maps, List.copyOf(programs.values()), List.copyOf(extensions), shared);
    } catch (LoadException | RuntimeException | Error e) {
      // Loops, not streams: where there is no room for a class, a lambda's first use finds none.
      for (XdpProgram program : programs.values()) {
        if (program != null) {
          program.holding().release();
        }
      }
      maps.discard();
      throw e;
    }
  }

  /**
   * Why the object cannot be loaded for {@code program} as it is, whatever the program does; or
   * null. Nothing is made.
   */
  String objection(BpfProgram program) {
    try {
      maps.change();
      check(withTailCallTargets(List.of(program)));
      return null;
    } catch (LoadException e) {
      String file = object.file() + ": ";
      String sentence = e.getMessage();
      return sentence.startsWith(file) ? sentence.substring(file.length()) : sentence;
    }
  }

  /** What can be told of programs and maps before programs are followed and maps are made. */
  private void check(List<BpfProgram> chosen) throws LoadException {
    maps.check(chosen);
    Map<String, ProgramKind> kinds = new LinkedHashMap<>();
    for (BpfProgram program : chosen) {
      boolean apart = program.type() == ProgramType.EXTENSION && options.target() == null;
      if (!apart) {
        kinds.put(program.name(), kindOf(program));
      }
    }
    String objection = maps.slots().ofPrograms(kinds, chosen);
    if (objection != null) {
      throw new LoadException(object.file() + ": " + objection);
    }
  }

  private void make(VerifiedProgram program) throws LoadException {
    checkKind(program.program());
    String name = program.program().name();
    if (program.program().type() == ProgramType.EXTENSION) {
      XdpProgram target = options.target().program();
      extensions.add(new XdpExtension(program, maps.maps(), target, function(program.program())));
    } else {
      ProgramMaker maker = new ProgramMaker(region, options.interpret(), options.cpus());
      programs.put(name, null); // so that there is a place for what holds maps once it is made
      programs.replace(name, new XdpProgram(program, maps.maps(), maker));
    }
  }

  /** Programs that use a map which programs stand in are of one kind with those. */
  private void checkKind(BpfProgram program) throws LoadException {
    ProgramKind kind = kindOf(program);
    for (int index : ObjectMaps.usedBy(program)) {
      BpfMap map = maps.maps().get(index);
      if (map.spec().type().containsPrograms() && !map.admits(kind)) {
        throw new LoadException(
            object.file()
                + ": "
                + SlotCheck.useObjection(program.name(), kind, map.name(), map.programKind()));
      }
    }
  }

  /** An extension runs where its target runs. */
  private ProgramKind kindOf(BpfProgram program) {
    if (program.type() != ProgramType.EXTENSION) {
      return program.kind();
    }
    ProgramKind target = options.target().program().verified().program().kind();
    return new ProgramKind(program.frags(), target.attach());
  }

  private List<BpfProgram> choose() throws LoadException {
    List<BpfProgram> chosen = new ArrayList<>();
    for (BpfProgram program : object.programs()) {
      boolean wanted =
          options.programs().isEmpty()
              ? isWantedUnnamed(program)
              : options.programs().contains(program.name());
      if (wanted) {
        chosen.add(options.target() == null ? typed(program) : extending(program));
      }
    }
    for (String name : options.programs()) {
      if (object.program(name).isEmpty()) {
        throw new LoadException(
            "%s: no program named %s; it has %s".formatted(object.file(), name, programNames()));
      }
    }
    if (chosen.isEmpty()) {
      throw new LoadException(
          "%s: no %s; it has %s"
              .formatted(
                  object.file(),
                  options.target() == null ? "XDP program" : "program that replaces a function",
                  programNames()));
    }
    return chosen;
  }

  private boolean isWantedUnnamed(BpfProgram program) {
    if (!program.autoloads()) {
      return false;
    }
    if (options.target() == null) {
      return options.asXdp() || program.type().isXdp();
    }
    boolean extension = program.type() == ProgramType.EXTENSION;
    return extension || options.target().function() != null && program.type().isXdp();
  }

  /** The program as one that replaces a function. */
  private BpfProgram extending(BpfProgram program) throws LoadException {
    BpfProgram typed = program.withType(ProgramType.EXTENSION);
    String function = function(program);
    String objection =
        function == null
            ? "section %s of program %s names no function to replace"
                .formatted(program.section(), program.name())
            : Extension.objection(options.target().program().verified().program(), function, typed);
    if (objection != null) {
      throw new LoadException(object.file() + ": " + objection);
    }
    return typed;
  }

  /** The function that an extension is to replace, or null. */
  private String function(BpfProgram extension) {
    String asked = options.target().function();
    return asked != null ? asked : ProgramType.replacedBy(extension.section());
  }

  private BpfProgram typed(BpfProgram program) throws LoadException {
    if (program.type().isXdp()) {
      return program;
    }
    if (options.asXdp()) {
      return program.withType(ProgramType.XDP);
    }
    if (program.type() == ProgramType.EXTENSION) {
      throw new LoadException(
          "%s: program %s in section %s does not run by itself: it replaces a function of another one"
              .formatted(object.file(), program.name(), program.section()));
    }
    throw new LoadException(
        "%s: program %s in section %s is not an XDP program%s"
            .formatted(object.file(), program.name(), program.section(), kind(program)));
  }

  private static String kind(BpfProgram program) {
    String does = SectionKinds.of(program.section());
    return does.isEmpty() ? "" : ": it " + does;
  }

  private String programNames() {
    return object.programs().isEmpty()
        ? "none"
        : object.programs().stream().map(BpfProgram::name).collect(Collectors.joining(", "))
            + only();
  }

  /** What all of the object's programs do, when that is one thing and not what was asked for. */
  private String only() {
    List<String> kinds =
        object.programs().stream().map(ObjectLoader::kind).distinct().limit(2).toList();
    return kinds.size() == 1 ? kinds.getFirst().replace(": it ", ", which ") : "";
  }

  /** Adds the programs that the object itself puts into program arrays the chosen ones use. */
  private List<BpfProgram> withTailCallTargets(List<BpfProgram> chosen) throws LoadException {
    Map<String, BpfProgram> all = new LinkedHashMap<>();
    List<BpfProgram> pending = new ArrayList<>(chosen);
    for (int i = 0; i < pending.size(); i++) {
      BpfProgram program = pending.get(i);
      if (all.putIfAbsent(program.name(), program) != null) {
        continue;
      }
      for (int index : ObjectMaps.usedBy(program)) {
        MapSpec spec = object.maps().get(index);
        for (MapSpec.Slot slot : programSlots(spec)) {
          BpfProgram target = slotProgram(spec, slot);
          boolean inherits = ProgramType.isOfCaller(target.section());
          pending.add(inherits ? target.withType(ProgramType.XDP) : typed(target));
        }
      }
    }
    return List.copyOf(all.values());
  }

  private static List<MapSpec.Slot> programSlots(MapSpec spec) {
    return spec.type() == MapType.PROG_ARRAY ? spec.slots() : List.of();
  }

  private BpfProgram slotProgram(MapSpec map, MapSpec.Slot slot) throws LoadException {
    return object
        .program(slot.symbol())
        .orElseThrow(
            () ->
                new LoadException(
                    "%s: map %s holds program %s at %d, which the object does not have"
                        .formatted(object.file(), map.name(), slot.symbol(), slot.index())));
  }

  private VerifiedProgram verify(BpfProgram program) throws LoadException {
    if (program.problem() != null) {
      throw new LoadException(
          "%s: program %s: %s".formatted(object.file(), program.name(), program.problem()));
    }
    try {
      return Verifier.verify(program, maps.specs());
    } catch (VerifierException e) {
      throw new LoadException(refusal(program, e), e);
    }
  }

  private String refusal(BpfProgram program, VerifierException e) {
    LineInfo line = e.line();
    return "%s: program %s refused: %s%s%s"
        .formatted(
            object.file(),
            program.name(),
            e.getMessage(),
            line == null || e.getMessage().contains(line.location())
                ? ""
                : " (" + line.location() + ": " + line.text() + ")",
            object.untyped() == null
                ? ""
                : "; it is judged without the object's types, which Linux does not take: "
                    + object.untyped());
  }

  /**
   * As libbpf does with maps that were there already, too: they then lead to these programs. All of
   * them, or with an exception none.
   *
   * @return those that are left to the caller
   */
  private List<SharedSlot> fillProgramArrays() throws LoadException {
    List<SharedSlot> left = new ArrayList<>();
    for (boolean put : new boolean[] {false, true}) {
      for (int i = 0; i < maps.specs().size(); i++) {
        if (maps.maps().get(i) instanceof ProgramArrayMap array) {
          for (MapSpec.Slot slot : maps.specs().get(i).slots()) {
            if (!put || !options.sharedArraysLater() || !maps.isShared(i)) {
              fill(array, slot, put);
            } else if (programs.containsKey(slot.symbol())) {
              left.add(new SharedSlot(array, slot.index(), programs.get(slot.symbol())));
            }
          }
        }
      }
    }
    return left;
  }

  private void fill(ProgramArrayMap array, MapSpec.Slot slot, boolean put) throws LoadException {
    XdpProgram program = programs.get(slot.symbol());
    if (program == null) {
      return; // an array that was there already and that none of the programs uses
    }
    int error = put ? program.putInto(array, slot.index()) : program.refusal(array, slot.index());
    if (error != 0) {
      throw new LoadException(
          "%s: map %s cannot hold program %s at %d: %s"
              .formatted(
                  object.file(),
                  array.name(),
                  slot.symbol(),
                  slot.index(),
                  program.objection(array, error)));
    }
  }
}
