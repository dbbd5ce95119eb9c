package org.xdp4j.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.xdp4j.bpf.XdpChain;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.ProgramPlan;

/** {@code [program.NAME]}. */
final class ProgramSection {
  static final Section SECTION =
      Section.named(
          "program",
          "XDP programs of one object file, and the ports they are attached to. They see each frame"
              + " first; what they pass goes to the stack. When a reload brings another version,"
              + " maps whose name and shape are the same in both stay, with what is in them. A"
              + " program in an entry of such a map that is not written anew (of a program array,"
              + " device or CPU map) goes on there as it was, with the maps it used, until the"
              + " entry is written or deleted, or its map goes: as in Linux. A reload that is"
              + " refused changes no entry.");

  private static final Key<Path> OBJECT =
      SECTION.required("object", Values.PATH, "The object file, as clang built it.");
  private static final Key<List<Located<String>>> CHAIN =
      SECTION.optional(
          "programs",
          ValueType.nonEmptyListOf(Values.TEXT),
          "the object's only XDP program",
          "The programs by their functions' names, in any order; ten at the most. They run as"
              + " libxdp's dispatcher runs them: by priority, then by name, each as long as the one"
              + " before returned an action to go on after, which is XDP_PASS unless a program says"
              + " otherwise (`XDP_RUN_CONFIG`). After the last one that is so the frame has"
              + " passed.");
  private static final Key<List<Located<String>>> RUN_CONFIG =
      SECTION.optional(
          "run-config",
          RunConfigs.TYPE,
          "what they say of themselves",
          "Where programs of `programs` stand in the chain, instead of what they say (`priority`"
              + " 50 and XDP_PASS if they say nothing): a table of a program's name to its"
              + " priority, or the actions to go on after (`none` for none), or both, such as"
              + " `\"10,XDP_PASS,XDP_TX\"` (`[program.fw.run-config]`, then `count = 10`).");
  private static final Key<Boolean> AS =
      SECTION.optional(
          "as",
          Values.oneOf(Map.of("xdp", true)),
          "what their sections say",
          "Takes programs of any section for XDP programs, as objects of old with sections such as"
              + " `jmp/1` need.");
  private static final Key<List<Located<ProgramPlan.Replaced>>> REPLACE =
      SECTION.optional(
          "replace",
          ReplacedFunctions.TYPE,
          "none",
          "Functions in whose place programs of other objects stand (`freplace`): a table of"
              + " `FUNCTION`, or `PROGRAM:FUNCTION` where several programs have it, to the object"
              + " file, and `:NAME` behind it for one of several programs in it"
              + " (`[program.fw.replace]`, then `prog0 = \"limit.o\"`).");
  private static final Key<List<Located<String>>> PORTS =
      SECTION.required(
          "ports",
          ValueType.listOf(Values.NAME_OF_SECTION),
          "The ports whose frames they run on; a port has one of these sections at the most.");
  private static final Key<List<Located<String>>> PINNED =
      SECTION.optional(
          "pinned",
          ValueType.listOf(Values.TEXT),
          "none",
          "Maps that are shared with every other program that pins one of the same name. Such a"
              + " map stays, with all that is in it, until the daemon ends, whoever uses it.");
  private static final Key<Path> KCONFIG =
      SECTION.optional(
          "kconfig",
          Values.PATH,
          "no answers",
          "Answers for the kernel configuration that programs ask for (`__kconfig`), as in a"
              + " `.config` file.");
  private static final Key<Path> BTF =
      SECTION.optional(
          "btf",
          Values.PATH,
          "the object's own types",
          "A kernel's types, as `/sys/kernel/btf/vmlinux` has them, for CO-RE relocations to"
              + " mean.");
  private static final Key<List<Located<String>>> MAPS =
      SECTION.optional(
          "maps",
          MapContents.TYPE,
          "as the object has them",
          "What is put into maps and global variables before the first frame: a table of the map's"
              + " or variable's name to entries, written as `--map` takes them behind the equals"
              + " sign (`[program.fw.maps]`, then `sources_v4 = \"198.51.100.0/24=XDP_DROP\"`). A"
              + " list of strings has an entry each; `\"@FILE\"` reads them from a file, relative"
              + " to this one. In device maps a port's name may stand for its interface index (`tx"
              + " = \"1=wan\"`), and a program of the object may follow it (`1=wan+on_wan`, or"
              + " `1={ifindex: wan, bpf_prog: on_wan}`); in CPU maps keys are workers' numbers, and"
              + " a program array holds programs (`1=count`). Into maps of maps go maps of the"
              + " object by name (`by_tenant = \"3=routes_b\"`); values without keys are pushed"
              + " onto queues and stacks and added to bloom filters.");

  private ProgramSection() {}

  static List<ProgramPlan> read(Table root, Scope scope) {
    Map<String, String> attached = new HashMap<>();
    for (Table table : root.tables(SECTION)) {
      ProgramPlan plan = read0(table, scope, attached);
      if (plan != null) {
        scope.programs.put(plan.name(), table.locate(plan));
      }
    }
    return scope.programs.values().stream().map(Located::value).toList();
  }

  private static ProgramPlan read0(Table table, Scope scope, Map<String, String> attached) {
    Located<Path> object = table.find(OBJECT).orElse(null);
    List<Located<String>> chain = table.list(CHAIN);
    Map<String, String> runConfigs = RunConfigs.check(table.list(RUN_CONFIG), chain, scope);
    List<Located<String>> ports = new ArrayList<>(table.list(PORTS));
    ports.removeIf(each -> !scope.hasPort(each) || isTaken(each, table, scope, attached));
    List<Located<String>> pinned = table.list(PINNED);
    List<Located<String>> maps = MapContents.resolve(table.list(MAPS), scope);
    scope.entries.put(table.name(), maps);
    if (object == null) {
      return null;
    }
    Path file = scope.resolve(object.value());
    ProgramPlan.Kernel kernel =
        new ProgramPlan.Kernel(path(KCONFIG, table, scope), path(BTF, table, scope));
    boolean asXdp = table.find(AS).isPresent();
    checkObject(table, object.with(file), kernel, chain, pinned, maps, scope);
    return new ProgramPlan(
        table.name(),
        file,
        values(chain),
        runConfigs,
        asXdp,
        ReplacedFunctions.resolve(table.list(REPLACE), scope),
        values(ports),
        values(maps),
        values(pinned),
        kernel);
  }

  /** Whether the port has another program, which is reported. */
  private static boolean isTaken(
      Located<String> port, Table table, Scope scope, Map<String, String> attached) {
    String other = attached.putIfAbsent(port.value(), table.name());
    if (other != null) {
      scope.report(
          port,
          "port " + port.value() + " has program " + other + " already",
          "run several in one section: programs = [...]");
    }
    return other != null;
  }

  private static Path path(Key<Path> key, Table table, Scope scope) {
    return table.find(key).map(Located::value).map(scope::resolve).orElse(null);
  }

  /** A file about the kernel that can be read. */
  @FunctionalInterface
  private interface Reading<T> {
    T read(Path file) throws ObjectException;
  }

  private static <T> T about(Key<Path> key, Path file, Reading<T> reading, T none, Table table) {
    try {
      return file == null ? none : reading.read(file);
    } catch (ObjectException e) {
      table.report(key, e.getMessage(), "");
      return none;
    }
  }

  private static List<String> values(List<Located<String>> located) {
    return located.stream().map(Located::value).toList();
  }

  private static void checkObject(
      Table table,
      Located<Path> file,
      ProgramPlan.Kernel kernel,
      List<Located<String>> chain,
      List<Located<String>> pinned,
      List<Located<String>> maps,
      Scope scope) {
    Kconfig kconfig = about(KCONFIG, kernel.kconfig(), Kconfig::read, Kconfig.DEFAULT, table);
    Btf btf = about(BTF, kernel.btf(), TargetBtf::read, Btf.EMPTY, table);
    if (!Files.isRegularFile(file.value())) {
      scope.report(file, FileReference.unreadable(file.value()), "");
      return;
    }
    try {
      BpfObject object = ObjectReader.read(file.value(), kconfig, btf);
      checkPrograms(table, object, chain, scope);
      checkPinned(object, pinned, scope);
      for (Located<String> each : maps) {
        try {
          object = MapAssignment.prepare(object, List.of(MapAssignment.parse(each.value())));
        } catch (TextException e) {
          scope.report(each, e.getMessage(), "");
        }
      }
    } catch (ObjectException e) {
      scope.report(file, e.getMessage(), "");
    }
  }

  private static void checkPrograms(
      Table table, BpfObject object, List<Located<String>> chain, Scope scope) {
    List<String> xdp =
        object.programs().stream()
            .filter(each -> table.has(AS) || each.type() == ProgramType.XDP)
            .map(BpfProgram::name)
            .toList();
    if (chain.size() > XdpChain.MAX_PROGRAMS) {
      table.report(
          CHAIN, "names %d programs".formatted(chain.size()), "a chain has ten at the most");
    }
    for (Located<String> each : chain) {
      if (!xdp.contains(each.value())) {
        boolean there = object.program(each.value()).isPresent();
        scope.report(
            each,
            there
                ? "program '" + each.value() + "' is not for XDP"
                : "the object has no program '" + each.value() + "'",
            Suggestion.of(each.value(), xdp));
      }
    }
    long unnamed =
        xdp.stream().filter(name -> object.program(name).orElseThrow().autoloads()).count();
    if (chain.isEmpty() && !table.has(CHAIN) && unnamed != 1) {
      table.report(
          xdp.isEmpty()
              ? "the object has no XDP program"
              : unnamed == 0
                  ? "the object's XDP programs are loaded only when they are named"
                  : "the object has several XDP programs",
          xdp.isEmpty() ? "" : "say which with programs: " + String.join(", ", xdp));
    }
  }

  private static void checkPinned(BpfObject object, List<Located<String>> pinned, Scope scope) {
    TreeSet<String> names = new TreeSet<>();
    for (MapSpec spec : object.maps()) {
      names.add(spec.name());
    }
    for (Located<String> each : pinned) {
      if (!names.contains(each.value())) {
        scope.report(
            each,
            "the object has no map '" + each.value() + "'",
            Suggestion.of(each.value(), names));
      }
    }
  }
}
