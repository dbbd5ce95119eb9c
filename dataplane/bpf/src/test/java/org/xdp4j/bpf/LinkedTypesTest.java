package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.RunConfig;

/**
 * Programs that are put into others know their own object's types there, as in Linux, where each
 * has its own BTF: they allocate what they would alone, and find the frame where they would alone.
 */
class LinkedTypesTest {
  private static final String SOURCE = "linked_types.bpf.c";
  private static final int PASS = 2;

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject target() throws Exception {
    return Clang.build(folder, SOURCE, "-O2", "-g", "-mcpu=v3", "-DWORDS=0", "-DTARGET");
  }

  private BpfObject programs(int words) throws Exception {
    return Clang.build(folder, SOURCE, "-O2", "-g", "-mcpu=v3", "-DWORDS=" + words);
  }

  private static LoadOptions options(boolean interpret, String program) {
    return new LoadOptions(2, interpret, false, Set.of(program));
  }

  /** Else the other object's types would do as well, and the tests would show nothing. */
  private static void assumeSmaller(BpfObject target, BpfObject extension, String struct) {
    int id = extension.btf().find(BtfType.Struct.class, struct);
    assertThat(target.btf().type(id)).isInstanceOf(BtfType.Struct.class);
    assertThat(target.btf().sizeOf(id)).isLessThan(extension.btf().sizeOf(id));
  }

  private static void runs(XdpProgram program, Region region) {
    XdpContext context = new XdpContext(region, 0);
    for (int i = 0; i < 20; i++) {
      assertThat(TestRun.run(program, context, new byte[60 + i], 1).returnCode()).isEqualTo(PASS);
    }
    assertThat(program.faults()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "large, false", "large, true",
    "counts, false", "counts, true",
    "frame, false", "frame, true"
  })
  void anExtensionKnowsItsOwn(String what, boolean interpret) throws Exception {
    BpfObject object = programs(2);
    BpfObject into = target();
    if (!what.equals("frame")) {
      assumeSmaller(into, object, what);
    }
    try (Region region = Region.reserve(1 << 24);
        LoadedObject target = LoadedObject.load(into, region, options(interpret, "target"))) {
      XdpProgram extended = target.program("target").orElseThrow();
      LoadOptions options = options(interpret, what + "_instead").extend(extended);
      try (LoadedObject extension = LoadedObject.load(object, region, options)) {
        extension.extensions().getFirst().attach();
        runs(extended, region);
      }
    }
  }

  /** The chain has no types itself; the members' differ in how many words come first. */
  @ParameterizedTest
  @CsvSource({
    "large, false", "large, true",
    "counts, false", "counts, true",
    "frame, false", "frame, true"
  })
  void membersOfAChainKnowTheirOwn(String what, boolean interpret) throws Exception {
    String name = what + "_alone";
    try (Region region = Region.reserve(1 << 24);
        LoadedObject first = LoadedObject.load(programs(2), region, options(interpret, name));
        LoadedObject second = LoadedObject.load(programs(0), region, options(interpret, name))) {
      List<XdpChain.Member> members = new ArrayList<>();
      for (LoadedObject loaded : List.of(first, second)) {
        XdpProgram alone = loaded.program(name).orElseThrow();
        runs(alone, region);
        members.add(new XdpChain.Member(alone, RunConfig.DEFAULT));
      }
      try (XdpChain chain = XdpChain.of(members, region, options(interpret, name))) {
        runs(chain.program(), region);
        assertThat(chain.verdicts(0, PASS)).isEqualTo(20);
        assertThat(chain.verdicts(1, PASS)).isEqualTo(20);
      }
    }
  }
}
