package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.VerifiedProgram;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/** Stores of known numbers that are merged leave what each of them would have left. */
class FillsTest {
  private static final int[] SIZES = {B, H, W, DW};
  private static final int ROOM = 48;
  private static final int LENGTH = 64;

  private final Region region = Region.reserve(16 << 20);
  private final XdpContext context = new XdpContext(region, 0);
  private final long frame = region.allocate(LENGTH, 64);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  /** r6 and r8 point into the packet, four bytes apart; what cannot be read is dropped. */
  private static List<Instruction> begin() {
    return new ArrayList<>(
        List.of(
            load(W, 6, 1, 0),
            load(W, 7, 1, 4),
            movReg(8, 6),
            alu(ADD, 8, ROOM + 8),
            mov(0, 1),
            jumpReg(JLE, 8, 7, 1),
            exit(),
            movReg(8, 6),
            alu(ADD, 8, 4)));
  }

  private static int bytes(int size) {
    return size == B ? 1 : size == H ? 2 : size == W ? 4 : 8;
  }

  private static void any(List<Instruction> code, SplittableRandom random) {
    int size = SIZES[random.nextInt(4)];
    int base = random.nextInt(6) == 0 ? 8 : 6;
    int at = random.nextInt(random.nextBoolean() ? 12 : ROOM - bytes(size));
    int register = 2 + random.nextInt(3);
    switch (random.nextInt(24)) {
      case 0 -> {
        code.add(load(size, 5, base, at));
        code.add(alu(MUL, 0, 31));
        code.add(aluReg(ADD, 0, 5));
      }
      case 1 -> code.add(aluReg(ADD, register, 0));
      case 2 -> code.add(movReg(register, 0));
      case 3 -> {
        code.add(jump(JSGT, 0, random.nextInt(), 1));
        code.add(storeImm(size, base, at, random.nextInt()));
      }
      case 4 -> {
        code.add(insn(LDDW, register, 0, 0, random.nextInt()));
        code.add(insn(0, 0, 0, 0, random.nextInt()));
      }
      case 5 -> code.add(insn(ALU | MOV | K, register, 0, 0, random.nextInt()));
      case 6, 7 -> code.add(mov(register, random.nextInt()));
      case 8, 9, 10, 11, 12, 13, 14 -> code.add(storeImm(size, base, at, random.nextInt()));
      default -> code.add(store(size, base, at, register));
    }
  }

  @Test
  void thePacketIsWhatTheInterpreterLeaves() throws VerifierException {
    SplittableRandom random = new SplittableRandom(7);
    int merged = 0;
    for (int round = 0; round < 400; round++) {
      List<Instruction> code = begin();
      for (int register = 2; register < 5; register++) {
        code.add(mov(register, random.nextInt()));
      }
      for (int i = 0; i < 60; i++) {
        any(code, random);
      }
      code.add(exit());
      VerifiedProgram program = Verifier.verify(BpfProgram.of(code), List.of());
      merged += fills(program).accesses();
      List<Object> expected = run(new InterpretedProgram(code, List.of(), region));
      List<Object> seen = run(Compiler.compile(program, List.of(), region));
      assertThat(seen).as("round %d: %s", round, code).isEqualTo(expected);
    }
    assertThat(merged).isGreaterThan(1000);
  }

  private List<Object> run(Executable program) {
    for (int i = 0; i < LENGTH; i++) {
      region.segment().set(Region.BYTE, frame + i, (byte) (i * 37));
    }
    context.data = frame;
    context.dataMeta = frame;
    context.dataEnd = frame + LENGTH;
    List<Object> seen = new ArrayList<>();
    seen.add(program.execute(context, context.stackTop));
    for (int i = 0; i < LENGTH; i++) {
      seen.add(region.segment().get(Region.BYTE, frame + i));
    }
    return seen;
  }

  private Fills fills(VerifiedProgram program) {
    Compiler.Options options = Compiler.Options.defaults();
    Code code = new Code(program.program().instructions(), program, List.of(), region, options);
    FlowGraph graph = new FlowGraph(code, 0, options.methodBytes());
    return new Fills(code, graph, new StackWords(code, graph, new Pointers(code, graph)));
  }

  @Test
  void twoAddressesByteByByteAreTwoStores() throws VerifierException {
    List<Instruction> code = begin();
    for (int i = 11; i >= 0; i--) {
      code.add(mov(3, i + 1));
      code.add(store(B, 6, i, 3));
    }
    code.add(exit());
    Fills.Run run = fills(Verifier.verify(BpfProgram.of(code), List.of())).of(code.size() - 2);
    assertThat(run.pieces())
        .containsExactly(
            new Fills.Piece(0, 8, 0x0807060504030201L), new Fills.Piece(8, 4, 0x0c0b0a09L));
  }
}
