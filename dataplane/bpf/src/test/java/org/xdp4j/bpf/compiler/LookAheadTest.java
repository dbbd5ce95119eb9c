package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.compiler.Asm.*;
import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.HashLayout;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.Verifier;

/**
 * Before a batch is run, what its frames look up first is known and fetched, and nothing else
 * happens: the program, which writes to the frame before its look-up and counts after it.
 */
class LookAheadTest {
  private static final int FRAMES = 16;
  private static final int KEY = -4;

  /** Entries from which on a map is worth it. */
  private static final int LARGE = 1 << 20;

  private final Region region = Region.reserve(128 << 20);
  private final XdpContext context = new XdpContext(region, 0);
  private final XdpBatch batch = new XdpBatch(FRAMES);

  @AfterEach
  void closeRegion() {
    region.close();
  }

  /** The key is the frame's first word, which the program then overwrites before it looks it up. */
  private static List<Instruction> counter() {
    List<Instruction> code = new ArrayList<>();
    code.add(load(W, 6, 1, 0));
    code.add(load(W, 7, 1, 4));
    code.add(movReg(2, 6));
    code.add(alu(ADD, 2, 8));
    code.add(jumpReg(JGT, 2, 7, 13));
    code.add(load(W, 3, 6, 0));
    code.add(store(W, 10, KEY, 3));
    code.add(storeImm(W, 6, 4, 77));
    code.add(movReg(2, 10));
    code.add(alu(ADD, 2, KEY));
    code.add(insn(LDDW, 1, PSEUDO_MAP_IDX, 0, 0));
    code.add(insn(0, 0, 0, 0, 0));
    code.add(Asm.call(HelperSpec.MAP_LOOKUP_ELEM));
    code.add(jump(JEQ, 0, 0, 4));
    code.add(load(DW, 1, 0, 0));
    code.add(alu(ADD, 1, 1));
    code.add(store(DW, 0, 0, 1));
    code.add(goTo(0));
    code.add(mov(0, 1));
    code.add(exit());
    return code;
  }

  private BpfMap map(int entries) throws Exception {
    return MapFactory.create(MapSpec.of("map", MapType.HASH, 4, 8, entries, 0), region, 1);
  }

  private CompiledProgram compiled(BpfMap map) throws Exception {
    return Compiler.compile(
        Verifier.verify(BpfProgram.of(counter()), List.of(map.spec())), List.of(map), region);
  }

  /** Frame i begins with the number i; the last is too short for the program. */
  private void frames() {
    long memory = region.allocate(64 * FRAMES, 64);
    for (int i = 0; i < FRAMES; i++) {
      batch.data[i] = batch.dataMeta[i] = batch.frameStart[i] = memory + 64L * i;
      batch.dataEnd[i] = batch.frameEnd[i] = batch.data[i] + (i == FRAMES - 1 ? 7 : 60);
      region.segment().set(Region.INT, batch.data[i], i);
    }
    batch.size = FRAMES;
  }

  @Test
  void hintsNameTheBucketOfEachFramesKey() throws Exception {
    BpfMap map = map(LARGE);
    frames();
    compiled(map).hints(batch, context);
    HashLayout layout = map.hashLayout();
    for (int i = 0; i < FRAMES - 1; i++) {
      assertThat(batch.ahead[i]).as("frame %d", i).isEqualTo(layout.hint(i));
    }
    assertThat(batch.ahead[FRAMES - 1]).isEqualTo(-1);
  }

  @Test
  void nothingIsWrittenAheadOfTheRun() throws Exception {
    BpfMap map = map(LARGE);
    frames();
    compiled(map).hints(batch, context);
    for (int i = 0; i < FRAMES; i++) {
      assertThat(region.segment().get(Region.INT, batch.data[i] + 4)).isZero();
    }
  }

  @Test
  void smallMapsAreNotLookedInto() throws Exception {
    frames();
    batch.ahead[0] = 5;
    compiled(map(1000)).hints(batch, context);
    assertThat(batch.ahead[0]).isEqualTo(5);
  }

  @Test
  void itIsDoneOnceTheMapHoldsMuch() throws Exception {
    BpfMap map = map(LARGE);
    CompiledProgram program = compiled(map);
    frames();
    program.lookAhead(batch, context);
    assertThat(context.looksAhead).isFalse();
    byte[] key = new byte[4];
    for (int i = 0; i < 120_000; i++) {
      key[0] = (byte) i;
      key[1] = (byte) (i >> 8);
      key[2] = (byte) (i >> 16);
      assertThat(map.put(key, new byte[8], 0)).isZero();
    }
    context.lookAheadFor = 0;
    program.lookAhead(batch, context);
    assertThat(context.looksAhead).isTrue();
    program.executeBatch(batch, context);
    for (int i = 0; i < FRAMES - 1; i++) {
      key = new byte[] {(byte) i, 0, 0, 0};
      assertThat(map.get(key)).as("frame %d", i).isEqualTo(new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
    }
  }

  @Test
  void theFootprintFollowsWhatAMapHolds() throws Exception {
    BpfMap map = map(LARGE);
    assertThat(map.hashLayout().footprint()).isLessThan(2 << 20);
    for (int i = 0; i < 500_000; i++) {
      byte[] key = {(byte) i, (byte) (i >> 8), (byte) (i >> 16), 0};
      assertThat(map.put(key, new byte[8], 0)).isZero();
    }
    // Elements of 16 bytes and as many buckets of 8.
    assertThat(map.hashLayout().footprint()).isBetween(10L << 20, 60L << 20);
  }
}
