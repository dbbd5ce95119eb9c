package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.KernelBtf;
import org.xdp4j.bpf.object.Subprogram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/** Programs that take the place of other programs' functions ({@code freplace}), beside Linux. */
class ExtensionsTest {
  private static final String[] OPTIONS = {"-O2", "-g", "-mcpu=v3"};
  private static final int FRAMES = 200;
  private static final int EPERM = -1;
  private static final List<String> REPLACED =
      List.of("plain", "moving", "with_number", "with_memory");
  private static final String TARGET = "replaceable.bpf.c";
  private static final String EXTENSIONS = "freplace.bpf.c";

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject target() throws Exception {
    return Clang.build(folder, TARGET, OPTIONS);
  }

  private BpfObject extensions() throws Exception {
    return Clang.build(folder, EXTENSIONS, OPTIONS);
  }

  private byte[] btf(String source) throws Exception {
    return KernelBtf.of(Clang.objectFile(folder, source, OPTIONS));
  }

  private static LoadOptions options(boolean interpret, String... programs) {
    return new LoadOptions(1, interpret, false, Set.of(programs));
  }

  /**
   * The target with the extensions of these names in their places, and the same instructions as one
   * program in the kernel. Few kernels let anyone load extensions themselves.
   */
  private void compare(boolean interpret, List<String> names) throws Exception {
    BpfObject object = extensions();
    List<AutoCloseable> closing = new ArrayList<>();
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(target(), region, options(interpret, "sums"))) {
      XdpProgram sums = target.program("sums").orElseThrow();
      List<LoadedObject> all = new ArrayList<>(List.of(target));
      for (String name : names) {
        LoadedObject loaded =
            LoadedObject.load(object, region, options(interpret, name).extend(sums));
        closing.add(loaded);
        all.add(loaded);
        loaded.extensions().getFirst().attach();
      }
      BpfProgram linked = reachingAll(sums.linked().program());
      List<KernelMap> maps = KernelOracle.createMaps(linked, sums.linked().maps());
      maps.stream().filter(Objects::nonNull).forEach(closing::add);
      KernelOracle.Verdict verdict = KernelOracle.load(linked, maps, KernelOracle.LOG_FULL);
      assertThat(verdict.accepted()).as(verdict.log()).isTrue();
      closing.add(verdict.program());
      sameRuns(sums, new XdpContext(region, 0), verdict.program());
      sameMaps(all, maps);
      for (AutoCloseable each : closing) {
        each.close();
      }
      assertThat(sums.linked()).isSameAs(sums.verified());
    }
  }

  /**
   * A program in which a path leads to the functions that nobody calls any more, one that is never
   * taken: Linux refuses what no path leads to.
   */
  private static BpfProgram reachingAll(BpfProgram program) {
    List<Subprogram> uncalled =
        program.subprograms().stream()
            .filter(s -> s.global() && s.start() != 0)
            .filter(s -> REPLACED.stream().anyMatch(s.name()::equals))
            .toList();
    List<Instruction> code = new ArrayList<>();
    code.add(new Instruction(0xb7, 0, 0, 0, 0)); // r0 = 0
    code.add(new Instruction(0x15, 0, 0, uncalled.size(), 0)); // if r0 == 0 goto the program
    for (int i = 0; i < uncalled.size(); i++) {
      code.add(new Instruction(0x85, 0, 1, 0, uncalled.get(i).start() + uncalled.size() - i - 1));
    }
    code.addAll(program.instructions());
    return BpfProgram.of(code);
  }

  private static void sameRuns(XdpProgram ours, XdpContext context, KernelProgram theirs) {
    Random random = new Random(FRAMES);
    for (int i = 0; i < FRAMES; i++) {
      byte[] frame = new byte[16 + random.nextInt(80)];
      random.nextBytes(frame);
      TestRun.Result here = TestRun.run(ours, context, frame, 1);
      KernelProgram.Run there = theirs.run(frame);
      assertThat(there.error()).isZero();
      assertThat(here.returnCode()).isEqualTo(there.returnCode());
      assertThat(here.data()).isEqualTo(there.data());
    }
    assertThat(ours.faults()).isZero();
  }

  private static void sameMaps(List<LoadedObject> objects, List<KernelMap> maps) {
    Iterator<BpfMap> ours =
        objects.stream().flatMap(object -> object.maps().stream()).toList().iterator();
    for (KernelMap theirs : maps) {
      if (theirs == null) {
        continue;
      }
      BpfMap map = ours.next();
      while (!map.name().equals(theirs.spec().name())) {
        map = ours.next();
      }
      assertThat(map.keys()).containsExactlyInAnyOrderElementsOf(theirs.keys());
      for (byte[] key : map.keys()) {
        assertThat(map.get(key)).isEqualTo(theirs.lookup(key));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "counting, false",
    "counting, true",
    "counting numbered remembered moves_too, false",
    "counting numbered remembered moves_too, true",
    "moves_too reads_packet, false",
    "returns_long remembered, false",
    "whole numbered, false",
    "whole numbered, true"
  })
  void replacedFunctionsRunAsInLinux(String names, boolean interpret) throws Exception {
    KernelOracle.assumeAvailable();
    compare(interpret, List.of(names.split(" ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          moves          | plain       | program moves may move the packet
          numbered_long  | with_number | argument 2 is of another type
          numbered       | plain       | it takes 2 arguments, not 1
          of_static      | local       | function local of program sums is static
          of_none        | none        | program sums has no function none
          other_memory   | with_memory | argument 1 is of another type
          unchecked      | with_memory | or NULL
          unsafe         | plain       | packet
          counting       | sums        |
          reads_packet   | moving      |
          returns_long   | plain       |
          whole          | plain       |
          """)
  void aProgramThatDoesNotFitIsRefused(String name, String function, String reason)
      throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(target(), region, options(false))) {
      long before = region.free();
      String said = refusal(target, region, name, function);
      if (reason == null) {
        assertThat(said).isNull();
      } else {
        assertThat(said).contains(reason);
      }
      assertThat(region.free()).isEqualTo(before);
      if (KernelOracle.available()) {
        assertThat(kernelAccepts(name, function)).isNotEqualTo(Boolean.valueOf(said != null));
      }
    }
  }

  /** A kernel function moves it as a helper does (is_kfunc_pkt_changing, kernel/bpf/verifier.c). */
  @ParameterizedTest
  @CsvSource({"plain, false", "moving, true"})
  void whatPullsThePacketMovesIt(String function, boolean fits) throws Exception {
    BpfObject pulling = Clang.build(folder, "freplace_pull.bpf.c", OPTIONS);
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(target(), region, options(false))) {
      String said = refusal(pulling, target, region, "pulls", function);
      if (fits) {
        assertThat(said).isNull();
      } else {
        assertThat(said).contains("program pulls may move the packet");
      }
    }
  }

  private String refusal(LoadedObject target, Region region, String name, String function)
      throws Exception {
    return refusal(extensions(), target, region, name, function);
  }

  private static String refusal(
      BpfObject from, LoadedObject target, Region region, String name, String function)
      throws Exception {
    XdpProgram sums = target.program("sums").orElseThrow();
    LoadOptions options = options(false, name).extend(sums, function);
    try (LoadedObject loaded = LoadedObject.load(from, region, options)) {
      assertThat(loaded.extensions()).hasSize(1);
      return null;
    } catch (LoadException e) {
      return e.getMessage();
    }
  }

  /** What the kernel says; null where it lets nobody load extensions. */
  private Boolean kernelAccepts(String name, String function) throws Exception {
    BpfProgram sums = target().program("sums").orElseThrow();
    BpfObject object = extensions();
    BpfProgram program = object.program(name).orElseThrow();
    int id =
        sums.subprograms().stream()
            .filter(s -> s.name().equals(function))
            .mapToInt(Subprogram::btfFunc)
            .findFirst()
            .orElse(1);
    List<KernelMap> maps = KernelOracle.createMaps(sums, target().maps());
    List<KernelMap> others = KernelOracle.createMaps(program, object.maps());
    try (KernelProgram kernel =
        KernelOracle.load(sums, maps, KernelOracle.LOG_FULL, btf(TARGET)).program()) {
      KernelOracle.Verdict verdict =
          KernelOracle.loadExtension(program, others, btf(EXTENSIONS), kernel, id);
      if (verdict.accepted()) {
        verdict.program().close();
      }
      return verdict.error() == EPERM ? null : Boolean.valueOf(verdict.accepted());
    } finally {
      Stream.concat(maps.stream(), others.stream())
          .filter(Objects::nonNull)
          .forEach(KernelMap::close);
    }
  }

  @Test
  void theSectionNamesTheFunction() throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(target(), region, options(false))) {
      XdpProgram sums = target.program("sums").orElseThrow();
      try (LoadedObject object =
          LoadedObject.load(extensions(), region, options(false, "numbered").extend(sums))) {
        XdpExtension numbered = object.extension("numbered").orElseThrow();
        assertThat(numbered.function()).isEqualTo("with_number");
        assertThat(object.programs()).isEmpty();
        XdpContext context = new XdpContext(region, 0);
        int before = TestRun.run(sums, context, new byte[60], 1).returnCode();
        numbered.attach();
        assertThat(numbered.isAttached()).isTrue();
        int after = TestRun.run(sums, context, new byte[60], 1).returnCode();
        assertThat(after - before).isEqualTo(300);
        assertThatThrownBy(numbered::attach)
            .hasMessage("function with_number of program sums is replaced already, by numbered");
      }
      assertThat(sums.attached("with_number")).isNull();
      assertThatThrownBy(() -> LoadedObject.load(extensions(), region, options(false, "numbered")))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("does not run by itself: it replaces a function of another one");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callbacksOfAnExtensionAreItsOwn(boolean interpret) throws Exception {
    BpfObject object = extensions();
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(target(), region, options(interpret))) {
      XdpProgram sums = target.program("sums").orElseThrow();
      XdpContext context = new XdpContext(region, 0);
      int before = TestRun.run(sums, context, new byte[60], 1).returnCode();
      LoadOptions first = options(interpret, "counting").extend(sums, "moving");
      LoadOptions second = options(interpret, "looping").extend(sums);
      try (LoadedObject one = LoadedObject.load(object, region, first);
          LoadedObject two = LoadedObject.load(object, region, second)) {
        two.extensions().getFirst().attach();
        int alone = TestRun.run(sums, context, new byte[60], 1).returnCode();
        assertThat(alone - before).isEqualTo(0 + 1 + 2 + 3 + 4 - 1);
        one.extensions().getFirst().attach();
        assertThat(one.map("lengths")).isNotEqualTo(two.map("lengths"));
        int both = TestRun.run(sums, context, new byte[60], 1).returnCode();
        assertThat(both - alone).isEqualTo((62 - 1) * 1_000_000);
        assertThat(sums.faults()).isZero();
      }
      assertThat(TestRun.run(sums, context, new byte[60], 1).returnCode()).isEqualTo(before);
    }
  }

  @Test
  void aProgramInAProgramArrayIsNotExtendedNorTheOtherWayRound() throws Exception {
    BpfObject jumping = Clang.build(folder, "versions.bpf.c", OPTIONS);
    try (Region region = Region.reserve(1 << 24);
        LoadedObject array = LoadedObject.load(jumping, region, options(false));
        LoadedObject target = LoadedObject.load(target(), region, options(false));
        LoadedObject other = LoadedObject.load(target(), region, options(false))) {
      ProgramArrayMap next = (ProgramArrayMap) array.map("next").orElseThrow();
      XdpProgram extended = target.program("sums").orElseThrow();
      XdpProgram member = other.program("sums").orElseThrow();
      assertThat(member.putInto(next, 2)).isZero();
      assertThat(member.putInto(next, 4)).isEqualTo(-7);
      BpfObject objects = extensions();
      try (LoadedObject free =
              LoadedObject.load(objects, region, options(false, "numbered").extend(extended));
          LoadedObject bound =
              LoadedObject.load(objects, region, options(false, "numbered").extend(member))) {
        free.extensions().getFirst().attach();
        assertThat(extended.putInto(next, 2)).isEqualTo(-16);
        assertThatThrownBy(bound.extensions().getFirst()::attach)
            .isInstanceOf(LoadException.class)
            .hasMessageContaining("a program array holds the program");
      }
    }
  }
}
