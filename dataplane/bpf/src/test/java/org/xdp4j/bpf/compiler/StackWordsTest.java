package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSnapshot;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.VerifiedProgram;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * A stack that is local variables holds what one in memory holds, however wide and wherever it is
 * written and read, and helpers and look-ups see it: compiled programs beside the interpreter.
 */
class StackWordsTest {
  private static final int[] SIZES = {B, H, W, DW};
  private static final int AREA = 40;
  private static final int VALUE = -56;

  private final Region region = Region.reserve(16 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  private static int bytes(int size) {
    return size == B ? 1 : size == H ? 2 : size == W ? 4 : 8;
  }

  /** A multiple of the size, as the verifier wants it, in the area below r10. */
  private static int offset(SplittableRandom random, int size) {
    return -AREA + random.nextInt(AREA / bytes(size)) * bytes(size);
  }

  private static void clear(List<Instruction> code) {
    for (int at = -AREA; at < 0; at += 8) {
      code.add(storeImm(DW, 10, at, 0));
    }
  }

  @Test
  void loadsSeeWhatStoresOfOtherWidthsLeft() throws VerifierException {
    SplittableRandom random = new SplittableRandom(11);
    for (int round = 0; round < 200; round++) {
      List<Instruction> code = new ArrayList<>();
      code.add(mov(0, 1));
      clear(code);
      for (int i = 0; i < 40; i++) {
        int size = SIZES[random.nextInt(4)];
        int at = offset(random, size);
        switch (random.nextInt(4)) {
          case 0 -> code.add(storeImm(size, 10, at, random.nextInt()));
          case 1 -> code.add(store(size, 10, at, 0));
          default -> {
            boolean signed = size != DW && random.nextBoolean();
            code.add(insn(LDX | (signed ? MEMSX : MEM) | size, 2, 10, at, 0));
            code.add(alu(MUL, 0, 31));
            code.add(aluReg(ADD, 0, 2));
          }
        }
        if (random.nextInt(8) == 0) {
          code.add(jump(JSGT, 0, random.nextInt(), 1));
          code.add(store(W, 10, offset(random, W), 0));
        }
      }
      code.add(exit());
      VerifiedProgram program = Verifier.verify(BpfProgram.of(code), List.of());
      Executable compiled = Compiler.compile(program, List.of(), region);
      Executable interpreted = new InterpretedProgram(code, List.of(), region);
      assertThat(compiled.execute(context, context.stackTop))
          .as("round %d: %s", round, code)
          .isEqualTo(interpreted.execute(context, context.stackTop));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 16, 20})
  void keysBuiltOnTheStackAreFoundAndStored(int keySize) throws Exception {
    SplittableRandom random = new SplittableRandom(keySize);
    MapType[] types = {MapType.HASH, MapType.LRU_HASH, MapType.PERCPU_HASH};
    for (int round = 0; round < 12; round++) {
      MapType type = types[round % types.length];
      List<Instruction> code = counter(random, keySize);
      MapSpec spec = MapSpec.of("map", type, keySize, 8, 64, 0);
      BpfMap ours = map(spec);
      BpfMap theirs = map(spec);
      VerifiedProgram program = Verifier.verify(BpfProgram.of(code), List.of(spec));
      Executable compiled = Compiler.compile(program, List.of(ours), region);
      Executable interpreted = new InterpretedProgram(code, List.of(theirs), region);
      for (int run = 0; run < 40; run++) {
        context.rxQueueIndex = random.nextInt(20);
        assertThat(compiled.execute(context, context.stackTop))
            .as("run %d of %s", run, code)
            .isEqualTo(interpreted.execute(context, context.stackTop));
      }
      assertThat(MapSnapshot.of(ours).entries()).isEqualTo(MapSnapshot.of(theirs).entries());
      assertThat(MapSnapshot.of(ours).entries()).isNotEmpty();
      ours.free();
      theirs.free();
    }
  }

  private BpfMap map(MapSpec spec) throws MapException {
    return MapFactory.create(spec, region, 1);
  }

  /** Counts by a key whose last byte is rx_queue_index, at any place of the stack. */
  private static List<Instruction> counter(SplittableRandom random, int keySize) {
    int key = -AREA + random.nextInt(AREA - keySize + 1);
    List<Instruction> code = new ArrayList<>();
    code.add(load(W, 6, 1, 16));
    clear(code);
    for (int i = 0; i < 6; i++) {
      int size = SIZES[random.nextInt(4)];
      code.add(storeImm(size, 10, offset(random, size), random.nextInt()));
    }
    code.add(store(B, 10, key + keySize - 1, 6));
    call(code, HelperSpec.MAP_LOOKUP_ELEM, key);
    code.add(jump(JEQ, 0, 0, 4));
    code.add(load(DW, 1, 0, 0));
    code.add(alu(ADD, 1, 1));
    code.add(store(DW, 0, 0, 1));
    code.add(goTo(10));
    code.add(storeImm(DW, 10, VALUE, 7));
    code.add(movReg(3, 10));
    code.add(alu(ADD, 3, VALUE));
    code.add(mov(4, 0));
    call(code, HelperSpec.MAP_UPDATE_ELEM, key);
    code.add(movReg(1, 0));
    code.add(movReg(0, 1));
    code.add(exit());
    return code;
  }

  /** Five slots. */
  private static void call(List<Instruction> code, int helper, int key) {
    code.add(movReg(2, 10));
    code.add(alu(ADD, 2, key));
    code.add(insn(LDDW, 1, PSEUDO_MAP_IDX, 0, 0));
    code.add(insn(0, 0, 0, 0, 0));
    code.add(Asm.call(helper));
  }
}
