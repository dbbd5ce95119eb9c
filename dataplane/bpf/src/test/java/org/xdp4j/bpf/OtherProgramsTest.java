package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;

/** Objects made for other places of a kernel are refused with a sentence that says so. */
class OtherProgramsTest {
  private static BpfProgram program(String name, String section) {
    List<Instruction> code =
        List.of(
            new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, 0),
            new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0));
    return new BpfProgram(
        name, section, ProgramType.OTHER, false, code, List.of(), List.of(), true, null);
  }

  private static void refused(Set<String> wanted, String message, BpfProgram... programs) {
    BpfObject object = new BpfObject("other.o", List.of(programs), List.of(), Btf.EMPTY, "GPL");
    try (Region region = Region.reserve(1 << 20)) {
      long free = region.free();
      LoadOptions options = new LoadOptions(1, false, false, wanted);
      assertThatThrownBy(() -> LoadedObject.load(object, region, options))
          .isInstanceOf(LoadException.class)
          .hasMessage(message);
      assertThat(region.free()).isEqualTo(free);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "struct_ops/init | : it replaces functions of a kernel, and no kernel is here",
        "struct_ops.s/init | : it replaces functions of a kernel, and no kernel is here",
        "?tc/ingress | : it works on the kernel's socket buffers, for traffic control",
        "kprobe.multi/x* | : it is called where a probe of the kernel or of a process is hit",
        "raw_tp.w/x | : it is called where the kernel is traced",
        "cgroup/connect4 | : it works for a cgroup of the kernel's",
        "mystery/7 | ''"
      })
  void whatIsAskedForByNameSaysWhatItIs(String section, String kind) {
    refused(
        Set.of("p"),
        "other.o: program p in section " + section + " is not an XDP program" + kind,
        program("p", section));
  }

  @Test
  void anObjectWithoutAnXdpProgramSaysWhatItHas() {
    refused(
        Set.of(),
        "other.o: no XDP program; it has init, ssthresh, which replaces functions of a kernel, and"
            + " no kernel is here",
        program("init", "struct_ops/init"),
        program("ssthresh", "struct_ops/ssthresh"));
    refused(
        Set.of(),
        "other.o: no XDP program; it has init, cls",
        program("init", "struct_ops/init"),
        program("cls", "tc"));
    assertThat(ProgramType.OTHER.isXdp()).isFalse();
  }
}
