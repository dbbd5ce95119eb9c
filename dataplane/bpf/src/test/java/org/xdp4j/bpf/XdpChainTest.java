package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.text.MapAssignment;

/** Chains of programs, beside libxdp's own dispatcher and beside each program alone in Linux. */
class XdpChainTest {
  /** In the order of libxdp: priorities 10, 20, 50, 50 and 4,000,000,000. */
  private static final List<String> ORDER =
      List.of("early", "shifting", "another", "usual", "late");

  private static final Path LIBXDP = Path.of("/usr/lib/x86_64-linux-gnu/bpf/xdp-dispatcher.o");
  private static final int FRAMES = 500;
  private static final int PASS = 2;

  @TempDir Path folder;
  private BpfObject object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = Clang.build(folder, "chain.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  private static LoadOptions options(boolean interpret) {
    return new LoadOptions(
        1, interpret, false, Set.of("usual", "late", "another", "early", "shifting"));
  }

  private List<XdpChain.Member> members(LoadedObject loaded) throws ObjectException {
    List<XdpChain.Member> members = new ArrayList<>();
    for (XdpProgram program : loaded.programs()) {
      members.add(new XdpChain.Member(program, RunConfig.of(object, program.name())));
    }
    return members;
  }

  private static byte[] frame(Random random) {
    byte[] frame = new byte[20 + random.nextInt(50)];
    random.nextBytes(frame);
    return frame;
  }

  @Test
  void eachProgramSaysWhereItStands() throws Exception {
    assertThat(RunConfig.of(object, "early"))
        .isEqualTo(new RunConfig(10, 1 << 1 | 1 << 2))
        .returns(List.of("XDP_DROP", "XDP_PASS"), RunConfig::actions);
    assertThat(RunConfig.of(object, "shifting")).isEqualTo(new RunConfig(20, 1 << 3));
    assertThat(RunConfig.of(object, "usual")).isEqualTo(RunConfig.DEFAULT);
    assertThat(RunConfig.of(object, "late")).isEqualTo(new RunConfig(1_000_000_000L, 1 | 1 << 2));
    assertThatThrownBy(() -> RunConfig.of(object, "mistaken"))
        .isInstanceOf(ObjectException.class)
        .hasMessageEndingWith(
            "the run configuration of program mistaken (XDP_RUN_CONFIG) has the unknown field"
                + " XDP_WRONG");
    assertThat(RunConfig.DEFAULT.override("7")).isEqualTo(new RunConfig(7, 1 << 2));
    assertThat(RunConfig.DEFAULT.override("XDP_TX,7")).isEqualTo(new RunConfig(7, 1 << 3));
    assertThat(RunConfig.DEFAULT.override("none")).isEqualTo(new RunConfig(50, 0));
    assertThatThrownBy(() -> RunConfig.DEFAULT.override("XDP_TX,tx"))
        .hasMessageStartingWith("'tx' is neither a priority nor one of XDP_ABORTED,");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChainDoesWhatItsProgramsDoInLinuxOneAfterTheOther(boolean interpret) throws Exception {
    KernelOracle.assumeAvailable();
    List<KernelMap> maps = new ArrayList<>();
    for (MapSpec spec : object.maps()) {
      maps.add(spec.name().equals("seen") ? KernelMap.create(spec) : null);
    }
    List<KernelProgram> kernel = new ArrayList<>();
    for (String name : ORDER) {
      BpfProgram program = object.program(name).orElseThrow();
      kernel.add(KernelOracle.load(program, maps, KernelOracle.LOG_NONE).program());
    }
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options(interpret));
        XdpChain chain = XdpChain.of(members(loaded), region, options(interpret))) {
      assertThat(chain.members())
          .extracting(m -> m.program().name())
          .containsExactlyElementsOf(ORDER);
      XdpContext context = new XdpContext(region, 0);
      Random random = new Random(1);
      long[][] verdicts = new long[ORDER.size()][6];
      for (int i = 0; i < FRAMES; i++) {
        byte[] frame = frame(random);
        byte[] theirs = frame;
        int code = PASS;
        for (int p = 0; p < ORDER.size(); p++) {
          KernelProgram.Run run = kernel.get(p).run(theirs);
          theirs = run.data();
          verdicts[p][
              Math.min(
                  Integer.compareUnsigned(run.returnCode(), 5) < 0 ? run.returnCode() : 5, 5)]++;
          int goesOn = chain.members().get(p).config().chainCallActions() | 1 << 31;
          if (((goesOn & 0xffffffffL) >>> run.returnCode() & 1) == 0) {
            code = run.returnCode();
            break;
          }
        }
        TestRun.Result ours = TestRun.run(chain.program(), context, frame, 1);
        assertThat(ours.returnCode()).isEqualTo(code);
        assertThat(ours.data()).isEqualTo(theirs);
      }
      for (int p = 0; p < ORDER.size(); p++) {
        for (int code = 0; code < 6; code++) {
          assertThat(chain.verdicts(p, code)).isEqualTo(verdicts[p][code]);
        }
        assertThat(chain.runs(p)).isEqualTo(Arrays.stream(verdicts[p]).sum()).isPositive();
      }
      assertThat(chain.program().faults()).isZero();
      sameMap(loaded.map("seen").orElseThrow(), maps);
    } finally {
      kernel.forEach(KernelProgram::close);
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    }
  }

  private static void sameMap(BpfMap ours, List<KernelMap> maps) {
    KernelMap theirs = maps.stream().filter(Objects::nonNull).findFirst().orElseThrow();
    assertThat(ours.keys()).containsExactlyInAnyOrderElementsOf(theirs.keys());
    for (byte[] key : ours.keys()) {
      assertThat(ours.get(key)).isEqualTo(theirs.lookup(key));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void libxdpsDispatcherRunsTheSameChain(boolean interpret) throws Exception {
    Assumptions.assumeTrue(Files.exists(LIBXDP), "libxdp's dispatcher is not installed");
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options(interpret));
        XdpChain chain = XdpChain.of(members(loaded), region, options(interpret))) {
      BpfObject dispatcher = configured(chain.members());
      LoadOptions alone = new LoadOptions(1, interpret, false, Set.of());
      try (LoadedObject theirs = LoadedObject.load(dispatcher, region, alone)) {
        XdpProgram program = theirs.program("xdp_dispatcher").orElseThrow();
        List<LoadedObject> extensions = new ArrayList<>();
        for (int i = 0; i < ORDER.size(); i++) {
          LoadOptions replacing =
              new LoadOptions(1, interpret, false, Set.of(ORDER.get(i)))
                  .extend(program, "prog" + i)
                  .reuse("seen", loaded.map("seen").orElseThrow());
          if (ORDER.get(i).equals("shifting") || ORDER.get(i).equals("late")) {
            // Since 6.13 Linux refuses what moves the packet in a dispatcher that says it does not.
            assertThatThrownBy(() -> LoadedObject.load(object, region, replacing))
                .hasMessageContaining("may move the packet");
          } else {
            extensions.add(LoadedObject.load(object, region, replacing));
            extensions.getLast().extensions().getFirst().attach();
          }
        }
        sameRuns(region, chain(loaded, interpret, region), program);
        extensions.forEach(LoadedObject::close);
        assertThat(program.linked()).isSameAs(program.verified());
      }
    }
  }

  /** The chain without the programs that move the packet. */
  private XdpChain chain(LoadedObject loaded, boolean interpret, Region region) throws Exception {
    List<XdpChain.Member> staying = new ArrayList<>(members(loaded));
    staying.removeIf(m -> Set.of("shifting", "late").contains(m.program().name()));
    return XdpChain.of(staying, region, options(interpret));
  }

  private static void sameRuns(Region region, XdpChain chain, XdpProgram dispatcher) {
    XdpContext context = new XdpContext(region, 0);
    Random random = new Random(2);
    for (int i = 0; i < FRAMES; i++) {
      byte[] frame = frame(random);
      TestRun.Result one = TestRun.run(chain.program(), context, frame, 1);
      TestRun.Result other = TestRun.run(dispatcher, context, frame, 1);
      assertThat(other.returnCode()).isEqualTo(one.returnCode());
      assertThat(other.data()).isEqualTo(one.data());
    }
    chain.close();
  }

  /** The dispatcher as libxdp fills its configuration in for these programs. */
  private static BpfObject configured(List<XdpChain.Member> members) throws Exception {
    StringBuilder actions = new StringBuilder();
    for (XdpChain.Member member : members) {
      long bits = (member.config().chainCallActions() | 1L << 31) & 0xffffffffL;
      actions.append(actions.isEmpty() ? "" : ", ").append(bits);
    }
    String text =
        "conf={magic: 236, dispatcher_version: 2, num_progs_enabled: %d, chain_call_actions: [%s]}"
            .formatted(members.size(), actions);
    BpfObject object = ObjectReader.read(LIBXDP);
    return MapAssignment.prepare(object, List.of(MapAssignment.parse(text)));
  }

  @Test
  void aChainHasOneToTenPrograms() throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options(false))) {
      long before = region.free();
      List<XdpChain.Member> many = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        many.addAll(members(loaded));
      }
      assertThatThrownBy(() -> XdpChain.of(many, region, options(false)))
          .isInstanceOf(LoadException.class)
          .hasMessage("a chain has 1 to 10 programs, as libxdp's dispatcher has, not 15");
      try (XdpChain ten = XdpChain.of(many.subList(0, 10), region, options(false))) {
        assertThat(ten.program().verified().program().frags()).isFalse();
        XdpContext context = new XdpContext(region, 0);
        TestRun.run(ten.program(), context, new byte[60], 1);
        assertThat(ten.runs(0)).isEqualTo(1);
      }
      assertThat(region.free()).isLessThanOrEqualTo(before);
    }
  }
}
