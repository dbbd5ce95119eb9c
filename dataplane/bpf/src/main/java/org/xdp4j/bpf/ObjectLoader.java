package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.object.ProgramType;
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

  ObjectLoader(BpfObject object, Region region, LoadOptions options) {
    this.object = object;
    this.region = region;
    this.options = options;
    this.maps = new ObjectMaps(object, region, options);
  }

  LoadedObject load() throws LoadException {
    try {
      List<BpfProgram> chosen = withTailCallTargets(choose());
      maps.takeOver();
      List<VerifiedProgram> verified = new ArrayList<>();
      for (BpfProgram program : chosen) {
        verified.add(verify(program));
      }
      for (BpfProgram program : chosen) {
        maps.createFor(program);
      }
      for (VerifiedProgram program : verified) {
        programs.put(program.program().name(), new XdpProgram(program, executable(program)));
      }
      fillProgramArrays();
      maps.fillMapsOfMaps();
      return new LoadedObject(object, maps.maps(), List.copyOf(programs.values()));
    } catch (LoadException | RuntimeException e) {
      maps.release();
      throw e;
    }
  }

  private List<BpfProgram> choose() throws LoadException {
    List<BpfProgram> chosen = new ArrayList<>();
    for (BpfProgram program : object.programs()) {
      boolean wanted =
          options.programs().isEmpty()
              ? options.asXdp() || program.type().isXdp()
              : options.programs().contains(program.name());
      if (wanted) {
        chosen.add(typed(program));
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
          "%s: no XDP program; it has %s".formatted(object.file(), programNames()));
    }
    return chosen;
  }

  private BpfProgram typed(BpfProgram program) throws LoadException {
    if (program.type().isXdp()) {
      return program;
    }
    if (options.asXdp()) {
      return program.withType(ProgramType.XDP);
    }
    throw new LoadException(
        "%s: program %s in section %s is not an XDP program"
            .formatted(object.file(), program.name(), program.section()));
  }

  private String programNames() {
    return object.programs().isEmpty()
        ? "none"
        : object.programs().stream().map(BpfProgram::name).collect(Collectors.joining(", "));
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
          pending.add(typed(slotProgram(spec, slot)));
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
    return "%s: program %s refused: %s%s"
        .formatted(
            object.file(),
            program.name(),
            e.getMessage(),
            line == null || e.getMessage().contains(line.location())
                ? ""
                : " (" + line.location() + ": " + line.text() + ")");
  }

  private Executable executable(VerifiedProgram program) {
    List<BpfMap> byIndex = maps.maps();
    if (options.interpret()) {
      return new InterpretedProgram(program.program().instructions(), byIndex, region);
    }
    return Compiler.compile(
        program,
        byIndex,
        region,
        Compiler.Options.defaults().withHelpers(id -> Helpers.byId(id).orElse(null)));
  }

  /** As libbpf does with maps that were there already, too: they then lead to these programs. */
  private void fillProgramArrays() {
    for (int i = 0; i < maps.specs().size(); i++) {
      if (maps.maps().get(i) instanceof ProgramArrayMap array) {
        for (MapSpec.Slot slot : maps.specs().get(i).slots()) {
          programs.get(slot.symbol()).putInto(array, slot.index());
        }
      }
    }
  }
}
