package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** Programs that follow a kernel's structures, of which none is here: accepted as in Linux. */
class KernelStructsTest {
  private static final String SOURCE = "kernel_structs.bpf.c";
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  /** What the names of the programs begin with that are to be refused. */
  private static final String REFUSED = "fail_";

  private static final int XDP_PASS = 2;

  @TempDir Path folder;

  @BeforeEach
  void clangIsThere() {
    Clang.assume();
  }

  /** Where no kernel's types are given, the object's own say what members there are. */
  @Test
  void membersAreThoseThatTheObjectDeclares() throws Exception {
    BpfObject object = Clang.build(folder, SOURCE, "-O2", "-g");
    for (BpfProgram program : object.programs()) {
      check(object, program.name(), refusal(object, program.name()));
    }
  }

  @Covers({"bpf_xdp_ct_lookup", "bpf_xdp_get_xfrm_state", "bpf_skc_to_tcp_sock"})
  @Test
  void membersAreThoseOfTheKernelAndAcceptedAsInIt() throws Exception {
    KernelOracle.assumeAvailable();
    Assumptions.assumeTrue(Files.exists(VMLINUX), "this kernel does not tell its types");
    Clang.build(folder, SOURCE, "-O2", "-g");
    Path file = Clang.objectFile(folder, SOURCE, "-O2", "-g");
    BpfObject object = ObjectReader.read(file, Kconfig.DEFAULT, TargetBtf.read(VMLINUX));
    List<KernelMap> maps = new ArrayList<>();
    object.maps().forEach(spec -> maps.add(KernelMap.create(spec)));
    for (BpfProgram program : object.programs()) {
      String ours = refusal(object, program.name());
      KernelOracle.Verdict theirs = KernelOracle.load(program, maps, KernelOracle.LOG_FULL);
      if (theirs.accepted()) {
        theirs.program().close();
      }
      assertThat(theirs.accepted())
          .as(program.name() + ": " + theirs.reason())
          .isEqualTo(ours == null);
      check(object, program.name(), ours);
    }
    maps.forEach(KernelMap::close);
  }

  private static void check(BpfObject object, String program, String refusal) throws Exception {
    if (program.startsWith(REFUSED)) {
      assertThat(refusal).contains(program, "the kernel's struct");
    } else {
      assertThat(refusal).isNull();
      assertThat(run(object, program)).as(program).isEqualTo(XDP_PASS);
    }
  }

  private static LoadOptions options(String program) {
    return new LoadOptions(1, false, false, Set.of(program));
  }

  /** Why a program is refused here, or null. */
  private static String refusal(BpfObject object, String program) {
    try (Region region = Region.reserve(1 << 24)) {
      LoadedObject.load(object, region, options(program)).close();
      return null;
    } catch (LoadException e) {
      return e.getMessage();
    }
  }

  private static int run(BpfObject object, String name) throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options(name))) {
      XdpProgram program = loaded.program(name).orElseThrow();
      return TestRun.run(program, new XdpContext(region, 0), new byte[64], 1).returnCode();
    }
  }
}
