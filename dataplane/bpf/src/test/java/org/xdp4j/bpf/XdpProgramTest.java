package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.MemoryKind;
import org.xdp4j.bpf.verifier.VerifiedProgram;

class XdpProgramTest {
  private final Region region = Region.reserve(1 << 20);
  private final XdpContext context = new XdpContext(region, 0);

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void aFaultAbortsItsFrameAndNoOther() {
    int[] runs = new int[1];
    XdpProgram program =
        program(
            (ctx, fp) -> {
              runs[0]++;
              if (ctx.rxQueueIndex == 1) {
                throw new IndexOutOfBoundsException("as a checked access throws");
              }
              return XdpAction.PASS.ordinal();
            });
    XdpBatch batch = new XdpBatch(4);
    batch.size = 4;
    batch.rxQueueIndex[1] = 1;
    batch.rxQueueIndex[3] = 1;

    program.run(batch, context);

    assertThat(batch.verdict).containsExactly(2, 0, 2, 0);
    assertThat(runs[0]).isEqualTo(4);
    assertThat(program.faults()).isEqualTo(2);
  }

  /** Looking ahead belongs to no frame: the first one pays, and has its own bounds still. */
  @Test
  void aFaultInLookingAheadAbortsTheFirstFrameAndNoOther() {
    XdpProgram program =
        program(
            new Executable() {
              @Override
              public long execute(XdpContext ctx, long framePointer) {
                return XdpAction.PASS.ordinal();
              }

              @Override
              public void lookAhead(XdpBatch ahead, XdpContext ctx) {
                throw new IndexOutOfBoundsException("as a checked access throws");
              }
            });
    XdpBatch batch = new XdpBatch(3);
    batch.size = 3;
    for (int i = 0; i < 3; i++) {
      batch.data[i] = 5000 + 100 * i;
      batch.dataMeta[i] = batch.data[i];
      batch.dataEnd[i] = batch.data[i] + 60;
    }
    for (int round = 1; round <= 2; round++) {
      program.run(batch, context);
      assertThat(batch.verdict).containsExactly(0, 2, 2);
      assertThat(batch.data).containsExactly(5000, 5100, 5200);
      assertThat(batch.dataEnd).containsExactly(5060, 5160, 5260);
      assertThat(program.faults()).isEqualTo(round);
    }
    batch.size = 0;
    program.run(batch, context);
    assertThat(program.faults()).isEqualTo(2);
  }

  @Test
  void anEntryThatOutlivesItsProgramAborts() {
    XdpProgram program = program((ctx, fp) -> XdpAction.PASS.ordinal());
    Executable entry = program.holding().executable(MapType.CPUMAP);
    assertThat(entry.execute(context, context.stackTop)).isEqualTo(XdpAction.PASS.ordinal());
    program.holding().release();
    assertThat(entry.execute(context, context.stackTop)).isEqualTo(XdpAction.ABORTED.ordinal());
  }

  /** As a run of its own does, though it is the engine that runs entries. */
  @Test
  void aFaultOfAnEntryIsCountedAndLeavesNoLockHeld() {
    long lock = region.allocate(8, 8);
    XdpProgram program =
        program(
            (ctx, fp) -> {
              SpinLockHelpers.lock(ctx, lock, 0, 0, 0, 0);
              throw new IndexOutOfBoundsException("as a checked access throws");
            });
    Executable entry = program.holding().executable(MapType.DEVMAP);
    for (int i = 1; i <= 2; i++) {
      assertThat(entry.execute(context, context.stackTop)).isZero();
      assertThat(program.faults()).isEqualTo(i);
      assertThat(region.segment().get(Region.INT, lock)).isZero();
    }
  }

  @Test
  void endlessRecursionIsAFaultToo() {
    XdpProgram program = program(XdpProgramTest::recurse);
    assertThat(program.run(context)).isEqualTo(XdpAction.ABORTED.ordinal());
    assertThat(program.faults()).isEqualTo(1);
  }

  private static long recurse(XdpContext context, long framePointer) {
    return recurse(context, framePointer - XdpContext.STACK_SIZE) + 1;
  }

  private static XdpProgram program(Executable executable) {
    BpfProgram source = BpfProgram.of(List.of(new Instruction(0x95, 0, 0, 0, 0)));
    return new XdpProgram(
        new VerifiedProgram(
            source,
            List.of(),
            new MemoryKind[] {MemoryKind.NONE},
            new int[1],
            new int[1],
            new boolean[1],
            0),
        executable);
  }
}
