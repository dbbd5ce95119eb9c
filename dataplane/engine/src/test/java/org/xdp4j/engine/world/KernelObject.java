package org.xdp4j.engine.world;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.KernelTypes;

/**
 * An object in the running kernel: loaded by libbpf, or, since libbpf refuses a whole object for
 * one of its programs and no longer takes old ones, linked here and loaded program by program.
 */
final class KernelObject implements AutoCloseable {
  private final Map<String, KernelProgram> programs = new LinkedHashMap<>();
  private final Map<String, String> refusals = new LinkedHashMap<>();
  private final Map<String, KernelMap> maps = new LinkedHashMap<>();
  private final String loader;
  private BpfTool.Loaded pins;

  private KernelObject(String loader) {
    this.loader = loader;
  }

  /**
   * Loads it.
   *
   * @param objects null when the object could not be read here
   */
  static KernelObject load(Path file, BpfObject object, List<BpfProgram> chosen)
      throws InterruptedException {
    String refusal;
    try {
      return pinned(BpfTool.loadAsNamed(file), "libbpf", object, chosen);
    } catch (IOException e) {
      refusal = e.getMessage();
    }
    try {
      return pinned(BpfTool.load(file), "libbpf, all as XDP", object, chosen);
    } catch (IOException e) {
      // The first refusal says more.
    }
    return linkedHere(file, object, chosen, refusal);
  }

  private static KernelObject pinned(
      BpfTool.Loaded pins, String loader, BpfObject object, List<BpfProgram> chosen)
      throws IOException {
    KernelObject loaded = new KernelObject(loader);
    loaded.pins = pins;
    try {
      for (BpfProgram program : chosen) {
        loaded.programs.put(program.name(), pins.program(program.name()));
      }
      for (MapSpec spec : object.maps()) {
        pins.map(spec).ifPresent(map -> loaded.maps.put(spec.name(), map));
      }
      return loaded;
    } catch (IllegalStateException e) {
      loaded.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  private static KernelObject linkedHere(
      Path file, BpfObject object, List<BpfProgram> chosen, String refusal) {
    KernelObject loaded = new KernelObject("linked here");
    KernelTypes types = null;
    try {
      types = KernelTypes.load(file, object.btf());
    } catch (IOException | RuntimeException e) {
      // Old objects have no types, and some have types that this kernel refuses.
    }
    List<KernelMap> made = new ArrayList<>();
    for (MapSpec spec : object.maps()) {
      made.add(make(spec, types, loaded));
    }
    for (BpfProgram program : chosen) {
      loaded.load(program, made, types, refusal);
    }
    if (types != null) {
      types.close();
    }
    return loaded;
  }

  private static KernelMap make(MapSpec spec, KernelTypes types, KernelObject loaded) {
    try {
      // As libbpf does for perf event arrays.
      boolean unsized = spec.maxEntries() == 0;
      MapSpec sized = unsized ? spec.withMaxEntries(KernelOracle.possibleCpus()) : spec;
      KernelMap map = KernelMap.create(sized, types);
      loaded.maps.put(spec.name(), map);
      return map;
    } catch (IllegalStateException e) {
      loaded.refusals.put("map " + spec.name(), e.getMessage());
      return null;
    }
  }

  private void load(BpfProgram program, List<KernelMap> made, KernelTypes types, String refusal) {
    if (program.problem() != null) {
      refusals.put(program.name(), refusal);
      return;
    }
    KernelOracle.Verdict verdict;
    try {
      verdict = KernelOracle.load(program, made, KernelOracle.LOG_FULL, types);
      if (!verdict.accepted() && types != null) {
        KernelOracle.Verdict untyped =
            KernelOracle.load(program, made, KernelOracle.LOG_FULL, (KernelTypes) null);
        verdict = untyped.accepted() ? untyped : verdict;
      }
    } catch (NullPointerException e) {
      refusals.put(program.name(), "one of its maps cannot be made: " + refusals.values());
      return;
    }
    if (verdict.accepted()) {
      programs.put(program.name(), verdict.program());
    } else {
      refusals.put(program.name(), verdict.reason());
    }
  }

  /** Who loaded it. */
  String loader() {
    return loader;
  }

  /** Null when it was refused. */
  KernelProgram program(String name) {
    return programs.get(name);
  }

  /** Why a program was refused, or null. */
  String refusal(String program) {
    return refusals.get(program);
  }

  /** Null when there is none. */
  KernelMap map(String name) {
    return maps.get(name);
  }

  @Override
  public void close() {
    programs.values().forEach(KernelProgram::close);
    maps.values().forEach(KernelMap::close);
    if (pins != null) {
      try {
        pins.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
