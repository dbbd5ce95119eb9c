package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.TargetBtf;
import org.xdp4j.bpf.oracle.BpfTool;
import org.xdp4j.bpf.oracle.KernelCommands;

/** CO-RE relocations that mean a kernel's types, beside that kernel. */
class TargetTypesTest {
  private static final String SOURCE = "kernel_types.bpf.c";
  private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");

  @TempDir Path folder;

  @BeforeEach
  void clangIsThere() {
    Clang.assume();
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v4"})
  void relocationsMeanWhatTheyMeanInTheKernel(String cpu) throws Exception {
    BpfTool.assume();
    Assumptions.assumeTrue(Files.exists(VMLINUX), "this kernel does not tell its types");
    String[] options = {"-O2", "-g", "-mcpu=" + cpu};
    Clang.build(folder, SOURCE, options);
    Path file = Clang.objectFile(folder, SOURCE, options);
    BpfObject object = ObjectReader.read(file, Kconfig.DEFAULT, TargetBtf.read(VMLINUX));
    assertThat(object.programs()).extracting(BpfProgram::problem).containsOnlyNulls();
    MapSpec bss = object.map(".bss").orElseThrow();
    try (BpfTool.Loaded kernel = BpfTool.load(file)) {
      assertThat(kernel.program("asked").run(new byte[64]).returnCode()).isEqualTo(2);
      byte[] wanted =
          new KernelCommands(kernel.map(bss).orElseThrow()).lookup(new byte[4], 0).bytes();
      assertThat(results(object)).containsExactly(longs(wanted));
    }
  }

  @Test
  void ofWhatAnotherObjectDeclaresItSaysWhatThatOneDeclared() throws Exception {
    Path file = folder.resolve("target.c");
    Files.writeString(
        file,
        """
        struct xdp_buff { long before; void *data; unsigned int flags; } a;
        struct net_device { int ifindex; char name[32]; } b;
        struct tcphdr { unsigned short doff : 4, syn : 1; unsigned short window; } c;
        enum bpf_func_id { BPF_FUNC_before, BPF_FUNC_tail_call } d;
        enum xdp_action { XDP_TX = -7 } e;
        """);
    BpfObject target = Clang.build(file, folder.resolve("target.o"), "-O2", "-g");
    Clang.build(folder, SOURCE, "-O2", "-g");
    BpfObject object =
        ObjectReader.read(
            Clang.objectFile(folder, SOURCE, "-O2", "-g"), Kconfig.DEFAULT, target.btf());
    long[] results = results(object);
    assertThat(Arrays.copyOf(results, 12)).containsExactly(0, 0, 0, 8, 16, 32, 0, 0, 1, 24, 0, 1);
    assertThat(results[12]).isEqualTo(1);
    assertThat(results[15]).isEqualTo(-7);
    assertThat(results[27]).isEqualTo(2);
  }

  @Test
  void aFieldThatIsMissingAndReadAllTheSameIsRefused() throws Exception {
    Clang.build(folder, "core.bpf.c", "-O2", "-g");
    BpfObject object =
        ObjectReader.read(
            Clang.objectFile(folder, "core.bpf.c", "-O2", "-g"),
            Kconfig.DEFAULT,
            Clang.build(folder, "speaks.bpf.c", "-O2", "-g").btf());
    try (Region region = Region.reserve(1 << 24)) {
      assertThatThrownBy(() -> LoadedObject.load(object, region, options("fields")))
          .hasMessageContaining("a CO-RE relocation stands here")
          .hasMessageContaining("that the types it is resolved against do not have");
    }
  }

  @Test
  void whatIsNoBtfIsRefusedInASentence() throws Exception {
    Path file = Files.writeString(folder.resolve("no.btf"), "x".repeat(100));
    assertThatThrownBy(() -> TargetBtf.read(file))
        .isInstanceOf(ObjectException.class)
        .hasMessageContaining("this is not BTF");
    assertThatThrownBy(() -> TargetBtf.read(folder.resolve("none")))
        .hasMessageContaining("there is no such file");
  }

  private static LoadOptions options(String program) {
    return new LoadOptions(1, false, true, Set.of(program));
  }

  private static long[] results(BpfObject object) throws Exception {
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options("asked"))) {
      XdpProgram program = loaded.program("asked").orElseThrow();
      assertThat(TestRun.run(program, new XdpContext(region, 0), new byte[64], 1).returnCode())
          .isEqualTo(2);
      return longs(loaded.map(".bss").orElseThrow().get(new byte[4]));
    }
  }

  private static long[] longs(byte[] bytes) {
    long[] longs = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(longs);
    return longs;
  }
}
