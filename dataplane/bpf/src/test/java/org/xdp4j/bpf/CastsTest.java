package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.KernelTypes;
import org.xdp4j.testing.Covers;

/**
 * The context as the kernel has it, any value as an address, arguments that are tagged as the
 * kernel's, and pointers to its objects in map values: accepted, refused and answered as in Linux.
 * Linux refuses the programs whose names begin with {@code fail_}; what begins with {@code here_}
 * is refused only here, with a sentence.
 */
class CastsTest {
  private static final String CASTS = "casts.bpf.c";
  private static final String POINTERS = "kernel_pointers.bpf.c";
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");
  private static final String RESULTS = ".bss";
  private static final int SEEN = 64;
  private static final byte[] FRAME =
      HexFormat.of().parseHex("0102030405060708090a0b0c0800450000320707" + "00".repeat(44));

  @TempDir Path folder;

  @BeforeEach
  void clangIsThere() {
    Clang.assume();
  }

  @Covers({
    "bpf_cast_to_kern_ctx",
    "bpf_rdonly_cast",
    "bpf_get_current_task_btf",
    "bpf_task_acquire",
    "bpf_task_release",
    "bpf_crypto_decrypt",
    "bpf_crypto_encrypt",
    "bpf_kptr_xchg"
  })
  @ParameterizedTest
  @ValueSource(strings = {CASTS, POINTERS})
  void theKernelsOwnIsReadAsInLinux(String source) throws Exception {
    KernelOracle.assumeAvailable();
    Assumptions.assumeTrue(Files.exists(VMLINUX), "this kernel does not tell its types");
    Path file = Clang.objectFile(folder, source, "-O2", "-g");
    Clang.build(folder, source, "-O2", "-g");
    BpfObject object = ObjectReader.read(file, Kconfig.DEFAULT, TargetBtf.read(VMLINUX));
    int runs = 0;
    for (BpfProgram program : object.programs()) {
      runs += compare(file, object, program) ? 1 : 0;
    }
    System.out.printf(
        "%s: %d programs, %d of them run beside the kernel%n",
        source, object.programs().size(), runs);
  }

  /** Whether both accept it, and do the same. */
  private static boolean compare(Path file, BpfObject object, BpfProgram program) throws Exception {
    List<KernelMap> maps = new ArrayList<>();
    try (KernelTypes types = KernelTypes.load(file, object.btf())) {
      object.maps().forEach(spec -> maps.add(KernelMap.create(spec, types)));
      KernelOracle.Verdict theirs = KernelOracle.load(program, maps, KernelOracle.LOG_FULL, types);
      String ours = refusal(object, program.name());
      assertThat(theirs.accepted())
          .as(program.name() + ": " + theirs.reason())
          .isEqualTo(!program.name().startsWith("fail_"));
      checkRefusal(program.name(), ours);
      if (!theirs.accepted()) {
        return false;
      }
      try (KernelProgram kernel = theirs.program()) {
        if (ours != null) {
          return false;
        }
        assertThat(kernel.run(FRAME).returnCode()).as(program.name()).isEqualTo(2);
        byte[] wanted = maps.get(results(object)).lookup(new byte[4]);
        for (boolean interpret : new boolean[] {false, true}) {
          assertThat(seen(run(object, program.name(), interpret)))
              .as(program.name() + (interpret ? ", interpreted" : ""))
              .isEqualTo(seen(wanted));
        }
      }
      return true;
    } finally {
      maps.forEach(KernelMap::close);
    }
  }

  /** Without a kernel's types the object's own say where members lie. */
  @ParameterizedTest
  @ValueSource(strings = {CASTS, POINTERS})
  void theObjectsOwnTypesWillDo(String source) throws Exception {
    BpfObject object = Clang.build(folder, source, "-O2", "-g");
    for (BpfProgram program : object.programs()) {
      String refusal = refusal(object, program.name());
      checkRefusal(program.name(), refusal);
      if (refusal == null) {
        assertThat(seen(run(object, program.name(), false)))
            .as(program.name())
            .isEqualTo(seen(run(object, program.name(), true)));
      }
    }
  }

  @Test
  void whatIsKnownOfTheFrameAndTheThreadIsShown() throws Exception {
    BpfObject object = Clang.build(folder, CASTS, "-O2", "-g");
    assertThat(seen(run(object, "lengths", false))).startsWith("40000000");
    assertThat(seen(run(object, "device", false))).startsWith("01000000");
    assertThat(seen(run(object, "thread", false))).startsWith("01000000000000000100");
  }

  private static void checkRefusal(String program, String refusal) {
    if (program.startsWith("fail_")) {
      assertThat(refusal).as(program).contains(program);
    } else if (program.startsWith("here_")) {
      assertThat(refusal).as(program).contains("of that struct there are only");
    } else {
      assertThat(refusal).as(program).isNull();
    }
  }

  private static int results(BpfObject object) {
    List<String> names = object.maps().stream().map(MapSpec::name).toList();
    return names.indexOf(RESULTS);
  }

  private static String seen(byte[] value) {
    return HexFormat.of().formatHex(value, 0, SEEN);
  }

  private static LoadOptions options(String program, boolean interpret) {
    return new LoadOptions(1, interpret, false, Set.of(program));
  }

  private static String refusal(BpfObject object, String program) {
    try (Region region = Region.reserve(1 << 24)) {
      LoadedObject.load(object, region, options(program, false)).close();
      return null;
    } catch (LoadException e) {
      return e.getMessage();
    }
  }

  /** What the program leaves in its variables. */
  private static byte[] run(BpfObject object, String name, boolean interpret) throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options(name, interpret))) {
      XdpProgram program = loaded.program(name).orElseThrow();
      TestRun.Result result = TestRun.run(program, new XdpContext(region, 0), FRAME, 1);
      assertThat(result.returnCode()).as(name).isEqualTo(2);
      assertThat(program.faults()).as(name).isZero();
      return loaded.map(RESULTS).map(map -> map.get(new byte[4])).orElse(new byte[SEEN]);
    }
  }
}
