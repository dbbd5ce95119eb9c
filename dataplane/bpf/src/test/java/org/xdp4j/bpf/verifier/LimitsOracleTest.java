package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;

/** How much of each a program may have, beside the kernel: the last that goes, and one more. */
class LimitsOracleTest {
  private static final Instruction EXIT = new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
  private static final Instruction ZERO =
      new Instruction(Opcode.ALU64 | Opcode.MOV | Opcode.K, 0, 0, 0, 0);

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  private static void agree(List<Instruction> code, List<MapSpec> maps, boolean accepted) {
    BpfProgram program = BpfProgram.of(code);
    boolean ours = true;
    try {
      Verifier.verify(program, maps);
    } catch (VerifierException e) {
      ours = false;
    }
    List<KernelMap> kernelMaps = KernelOracle.createMaps(program, maps);
    try {
      KernelOracle.Verdict verdict = KernelOracle.load(program, kernelMaps, KernelOracle.LOG_NONE);
      if (verdict.accepted()) {
        verdict.program().close();
      }
      assertThat(ours).as("ours").isEqualTo(verdict.accepted()).isEqualTo(accepted);
    } finally {
      kernelMaps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    }
  }

  /** Named by their number or by a value in them, once or again. */
  @ParameterizedTest
  @CsvSource({"1, 1", "63, 3", "64, 1", "64, 3", "65, 1", "65, 2", "100, 1"})
  void maps(int maps, int times) {
    List<MapSpec> specs =
        IntStream.range(0, maps)
            .mapToObj(i -> MapSpec.of("m" + i, MapType.ARRAY, 4, 8, 1, 0))
            .toList();
    List<Instruction> code = new ArrayList<>();
    for (int i = 0; i < maps * times; i++) {
      int kind = i % 2 == 0 ? Opcode.PSEUDO_MAP_IDX : Opcode.PSEUDO_MAP_IDX_VALUE;
      code.add(new Instruction(Opcode.LDDW, 1, kind, 0, i % maps));
      code.add(new Instruction(0, 0, 0, 0, 0));
    }
    code.add(ZERO);
    code.add(EXIT);
    agree(code, specs, maps <= 64);
  }

  @ParameterizedTest
  @ValueSource(ints = {255, 256, 257, 300})
  void functions(int functions) {
    List<Instruction> code = new ArrayList<>();
    int called = functions - 1;
    for (int i = 0; i < called; i++) {
      int to = called + 2 + 2 * i;
      code.add(new Instruction(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_CALL, 0, to - i - 1));
    }
    for (int i = 0; i < functions; i++) {
      code.add(ZERO);
      code.add(EXIT);
    }
    agree(code, List.of(), functions <= 256);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 4097, 999_999, 1_000_000, 1_000_001})
  void instructions(int instructions) {
    List<Instruction> code = new ArrayList<>(instructions);
    for (int i = 1; i < instructions; i++) {
      code.add(ZERO);
    }
    code.add(EXIT);
    agree(code, List.of(), instructions <= 1_000_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 9})
  void frames(int frames) {
    List<Instruction> code = new ArrayList<>();
    for (int i = 1; i < frames; i++) {
      code.add(new Instruction(Opcode.JMP | Opcode.CALL, 0, Opcode.PSEUDO_CALL, 0, 1));
      code.add(EXIT);
    }
    code.add(ZERO);
    code.add(EXIT);
    agree(code, List.of(), frames <= 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {504, 512, 520})
  void stack(int bytes) {
    List<Instruction> code = new ArrayList<>();
    code.add(new Instruction(Opcode.ST | Opcode.MEM | Opcode.DW, 10, 0, -bytes, 1));
    code.add(ZERO);
    code.add(EXIT);
    agree(code, List.of(), bytes <= 512);
  }
}
