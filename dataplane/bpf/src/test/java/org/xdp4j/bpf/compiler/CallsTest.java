package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.AnyProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.MemoryKind;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/** Calls of helpers, maps and other programs, with what a verifier found out given by hand. */
class CallsTest {
  private static final int ADJUST_HEAD = 44;

  private final Region region = Region.reserve(16 << 20);
  private final XdpContext context = new XdpContext(region, 1);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  private static BpfMap map(Region region, MapType type, int valueSize, int entries) {
    try {
      return MapFactory.create(MapSpec.of("map", type, 4, valueSize, entries, 0), region, 2);
    } catch (MapException e) {
      throw new AssertionError(e);
    }
  }

  /** Every helper call is known to meet map 0, or none is. */
  private CompiledProgram compile(
      int methodBytes, boolean mapKnown, List<BpfMap> maps, Instruction... code) {
    MemoryKind[] kinds = new MemoryKind[code.length];
    int[] offsets = new int[code.length];
    int[] mapIndexes = new int[code.length];
    boolean[] reached = new boolean[code.length];
    Arrays.fill(reached, true);
    for (int i = 0; i < code.length; i++) {
      boolean context = code[i].instructionClass() == LDX && Set.of(1, 6).contains(code[i].src());
      kinds[i] = context ? MemoryKind.CONTEXT : MemoryKind.MEMORY;
      offsets[i] = code[i].offset();
      mapIndexes[i] = mapKnown && code[i].isHelperCall() ? 0 : VerifiedProgram.NO_MAP;
    }
    return Compiler.compile(
        new VerifiedProgram(
            BpfProgram.of(List.of(code)),
            maps.stream().map(BpfMap::spec).toList(),
            kinds,
            offsets,
            mapIndexes,
            reached,
            0),
        maps,
        region,
        Compiler.Options.defaults().withMethodBytes(methodBytes));
  }

  private static Instruction mapPointer(int dst, int map) {
    return insn(LDDW, dst, PSEUDO_MAP_IDX, 0, map);
  }

  private static Instruction secondHalf(int imm) {
    return insn(0, 0, 0, 0, imm);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLookupGivesThisCpusValueWhetherTheMapIsKnownOrNot(boolean known) {
    BpfMap map = map(region, MapType.PERCPU_ARRAY, 8, 4);
    CompiledProgram program =
        compile(
            5000,
            known,
            List.of(map),
            storeImm(W, 10, -4, 3),
            movReg(2, 10),
            alu(ADD, 2, -4),
            mapPointer(1, 0),
            secondHalf(0),
            call(HelperSpec.MAP_LOOKUP_ELEM),
            jump(JEQ, 0, 0, 3),
            mov(1, 1),
            insn(STX | ATOMIC | DW, 0, 1, 0, ADD),
            load(DW, 0, 0, 0),
            exit());
    assertThat(program.execute(context, context.stackTop)).isEqualTo(1);
    assertThat(program.execute(context, context.stackTop)).isEqualTo(2);
    byte[] values = map.get(new byte[] {3, 0, 0, 0});
    assertThat(values[0]).isZero();
    assertThat(values[8]).isEqualTo((byte) 2);
  }

  @Test
  void aValueOfADataSectionIsAConstantAddress() {
    BpfMap map = map(region, MapType.ARRAY, 16, 1);
    CompiledProgram program =
        compile(
            5000,
            false,
            List.of(map),
            insn(LDDW, 2, PSEUDO_MAP_IDX_VALUE, 0, 0),
            secondHalf(8),
            storeImm(W, 2, 0, 77),
            mov(0, 0),
            exit());
    program.execute(context, context.stackTop);
    assertThat(map.get(new byte[4])[8]).isEqualTo((byte) 77);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 1})
  void packetPointersAreFreshAfterAHelperMovedThePacket(int methodBytes) {
    long frame = region.allocate(1024, 64);
    context.frameStart = frame;
    context.data = frame + 256;
    context.dataMeta = frame + 256;
    context.dataEnd = frame + 356;
    context.frameEnd = frame + 704;
    CompiledProgram program =
        compile(
            methodBytes,
            false,
            List.of(),
            movReg(6, 1),
            load(W, 7, 1, 0),
            callFunction(3),
            load(W, 0, 6, 0),
            aluReg(SUB, 0, 7),
            exit(),
            mov(2, -14),
            call(ADJUST_HEAD),
            exit());
    assertThat(program.execute(context, context.stackTop)).isEqualTo(-14);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 1})
  void aTailCallReplacesTheFunctionThatMakesIt(int methodBytes) {
    ProgramArrayMap programs = (ProgramArrayMap) map(region, MapType.PROG_ARRAY, 4, 2);
    CompiledProgram caller =
        compile(
            methodBytes,
            true,
            List.of(programs),
            callFunction(2),
            alu(ADD, 0, 1),
            exit(),
            mapPointer(2, 0),
            secondHalf(0),
            mov(3, 1),
            call(HelperSpec.TAIL_CALL),
            mov(0, 100),
            exit());
    assertThat(caller.execute(context, context.stackTop)).isEqualTo(101);
    AnyProgram.put(programs, 1, Compiler.compileUnverified(List.of(mov(0, 7), exit()), region));
    assertThat(caller.execute(context, context.stackTop)).isEqualTo(8);
    assertThat(context.tailCalls).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aProgramThatTailCallsItselfDoesSoThirtyThreeTimes(boolean known) {
    ProgramArrayMap programs = (ProgramArrayMap) map(region, MapType.PROG_ARRAY, 4, 1);
    BpfMap counter = map(region, MapType.ARRAY, 8, 1);
    CompiledProgram program =
        compile(
            5000,
            known,
            List.of(programs, counter),
            insn(LDDW, 4, PSEUDO_MAP_IDX_VALUE, 0, 1),
            secondHalf(0),
            mov(5, 1),
            insn(STX | ATOMIC | DW, 4, 5, 0, ADD),
            mapPointer(2, 0),
            secondHalf(0),
            mov(3, 0),
            call(HelperSpec.TAIL_CALL),
            mov(0, 2),
            exit());
    AnyProgram.put(programs, 0, program);
    assertThat(program.execute(context, context.stackTop)).isEqualTo(2);
    assertThat(counter.get(new byte[4])[0]).isEqualTo((byte) 34);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 1})
  void mayGotoEndsALoopWhenItsBudgetIsSpent(int methodBytes) {
    CompiledProgram program =
        compile(
            methodBytes,
            false,
            List.of(),
            mov(0, 0),
            insn(JMP | JCOND, 0, 0, 2, 0),
            alu(ADD, 0, 1),
            goTo(-3),
            exit());
    assertThat(program.execute(context, context.stackTop)).isEqualTo(8L << 20);
  }

  @Test
  void whereTheVerifierProvedNothingGoesIsAFault() {
    Instruction[] code = {mov(0, 1), jump(JEQ, 0, 1, 1), exit(), mov(0, 2), exit()};
    boolean[] reached = {true, true, true, false, false};
    int[] noMaps = {-1, -1, -1, -1, -1};
    MemoryKind[] kinds = new MemoryKind[5];
    Arrays.fill(kinds, MemoryKind.NONE);
    VerifiedProgram verified =
        new VerifiedProgram(
            BpfProgram.of(List.of(code)), List.of(), kinds, new int[5], noMaps, reached, 0);
    CompiledProgram program = Compiler.compile(verified, List.of(), region);
    assertThatThrownBy(() -> program.execute(context, context.stackTop))
        .isInstanceOf(ProgramFaultException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 1})
  void aFaultInABatchLeavesItAtTheFrameThatFaulted(int methodBytes) {
    CompiledProgram program =
        compile(
            methodBytes,
            false,
            List.of(),
            load(W, 7, 1, 0),
            load(W, 8, 1, 16),
            load(B, 2, 7, 0),
            jump(JNE, 2, 9, 2),
            mov(3, -5),
            load(B, 2, 3, 0),
            movReg(0, 8),
            aluReg(ADD, 0, 2),
            exit());
    XdpBatch batch = new XdpBatch(4);
    batch.size = 4;
    for (int i = 0; i < 4; i++) {
      batch.data[i] = region.allocate(64, 64);
      batch.rxQueueIndex[i] = 10 * i;
      region.segment().set(Region.BYTE, batch.data[i], (byte) (i == 2 ? 9 : 1));
    }
    batch.redirectMap[3] = 99;
    assertThatThrownBy(() -> program.executeBatch(batch, context))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(batch.done).isEqualTo(2);
    assertThat(context.data).isEqualTo(batch.data[2]);
    region.segment().set(Region.BYTE, batch.data[2], (byte) 5);
    program.executeBatch(batch, context);
    assertThat(batch.done).isEqualTo(4);
    assertThat(batch.verdict).containsExactly(1, 11, 25, 31);
    assertThat(batch.redirectMap[3]).isZero();
  }
}
