package org.xdp4j.bpf.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.AnyProgram;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;

class CallsAndJumpsTest {
  private final Machine machine = new Machine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void callsNestEightFramesAndNoDeeper() {
    assertThat(machine.run(nested(8))).isEqualTo(8);
    assertThatThrownBy(() -> machine.run(nested(9)))
        .isInstanceOf(FaultException.class)
        .hasMessageEndingWith("calls nest deeper than 8 frames");
  }

  @Test
  void recursionEndsInAFault() {
    assertThatThrownBy(() -> machine.run("f: call f; exit"))
        .hasMessageEndingWith("calls nest deeper than 8 frames");
  }

  @Test
  void tailCallReplacesTheProgram() {
    ProgramArrayMap programs = programs();
    AnyProgram.put(programs, 2, machine.program("r0 = 42; exit"));
    assertThat(machine.run("r2 = map[0] ll; r3 = 2; call 12; r0 = 1; exit")).isEqualTo(42);
    assertThat(machine.context.tailCalls).isEqualTo(1);
  }

  @Test
  void tailCallToAnEmptySlotGoesOn() {
    programs();
    assertThat(machine.run("r2 = map[0] ll; r3 = 2; call 12; r0 = 1; exit")).isEqualTo(1);
    assertThat(machine.run("r2 = map[0] ll; r3 = 99; call 12; r0 = 1; exit")).isEqualTo(1);
    assertThat(machine.run("r2 = map[0] ll; r3 = -1; call 12; r0 = 1; exit")).isEqualTo(1);
  }

  @Test
  void tailCallOutOfASubprogramReturnsToItsCaller() {
    ProgramArrayMap programs = programs();
    AnyProgram.put(programs, 0, machine.program("*(u64 *)(r10 - 512) = 1; r0 = 5; r6 = 99; exit"));
    long r0 =
        machine.run(
            """
            r6 = 100
            *(u64 *)(r10 - 512) = 1000
            call sub
            r0 += r6
            r1 = *(u64 *)(r10 - 512)
            r0 += r1
            exit
            sub: r2 = map[0] ll
            r3 = 0
            call 12
            r0 = 1
            exit
            """);
    assertThat(r0).isEqualTo(1105);
  }

  @Test
  void thirtyThreeTailCallsArePossible() {
    ProgramArrayMap programs = programs();
    machine.map(MapType.ARRAY, 4, 8, 1, 0);
    InterpretedProgram counting =
        machine.program(
            """
            r2 = map[1] + 0 ll
            r0 = *(u64 *)(r2 + 0)
            r0 += 1
            *(u64 *)(r2 + 0) = r0
            r2 = map[0] ll
            r3 = 0
            call 12
            r2 = map[1] + 0 ll
            r0 = *(u64 *)(r2 + 0)
            exit
            """);
    AnyProgram.put(programs, 0, counting);
    assertThat(machine.run(counting)).isEqualTo(34);
  }

  @Test
  void tailCallsOutOfSubprogramsHaveStackForAWholeChain() {
    ProgramArrayMap programs = programs();
    String deep =
        "call f1; exit; f1: call f2; exit; f2: call f3; exit; f3: call f4; exit; f4: call f5; exit;"
            + "f5: call f6; exit; f6: *(u64 *)(r10 - 512) = 7; r6 = r1; call f7; r0 = 1; exit;"
            + "f7: *(u64 *)(r10 - 512) = 7; r2 = map[0] ll; r3 = 0; call 12; r0 = 2; exit";
    InterpretedProgram program = machine.program(deep);
    AnyProgram.put(programs, 0, program);
    assertThat(machine.run(program)).isEqualTo(1);
    assertThat(machine.context.tailCalls).isEqualTo(XdpContext.MAX_TAIL_CALLS);
  }

  @Test
  void mayGotoCountsEachCallFrameForItself() {
    String loop = "r0 = 0; again: may_goto out; r0 += 1; goto again; out: ";
    assertThat(machine.run(loop + "exit")).isEqualTo(CallFrames.MAX_LOOPS);
    assertThat(machine.run("call f; may_goto bad; exit; bad: r0 = 0; exit; f:" + loop + "exit"))
        .isEqualTo(CallFrames.MAX_LOOPS);
  }

  @Test
  void listenerSeesEveryInstructionBeforeItTakesEffect() {
    List<String> seen = new ArrayList<>();
    StepListener listener = (index, registers) -> seen.add(index + ":" + registers[0]);
    machine.run(
        machine.program(
            "r0 = 1 ll; r0 += 2; goto +1; r0 = 9; exit",
            InterpreterOptions.defaults().withListener(listener)));
    assertThat(seen).containsExactly("0:0", "2:1", "3:3", "5:3");
  }

  @Test
  void workersAddAtomicallyToOneValue() throws Exception {
    machine.map(MapType.ARRAY, 4, 16, 1, 0);
    InterpretedProgram adding =
        machine.program(
            """
            r6 = 0
            again: r1 = map[0] + 0 ll
            r2 = 1
            lock *(u64 *)(r1 + 0) += r2
            r0 = 1
            w0 = atomic_fetch_add((u32 *)(r1 + 8), w0)
            r6 += 1
            if r6 < 20000 goto again
            r0 = 0
            exit
            """);
    List<Callable<Long>> workers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      XdpContext context = new XdpContext(machine.region, 0);
      workers.add(() -> adding.execute(context, context.stackTop));
    }
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      for (Future<Long> worker : pool.invokeAll(workers)) {
        assertThat(worker.get()).isZero();
      }
    }
    assertThat(machine.run("r1 = map[0] + 0 ll; r0 = *(u64 *)(r1 + 0); exit")).isEqualTo(80_000);
    assertThat(machine.run("r1 = map[0] + 8 ll; r0 = *(u32 *)(r1 + 0); exit")).isEqualTo(80_000);
  }

  @Test
  void constantsThatNameNothingFaultOnlyWhenReached() {
    assertThat(machine.run("r0 = 1; if r0 == 1 goto out; r1 = map[3] ll; out: exit")).isEqualTo(1);
    assertThatThrownBy(() -> machine.run("r1 = map[3] ll; r0 = 0; exit"))
        .hasMessageEndingWith("what it names is not there");
  }

  @Test
  void refusesWhatIsNoProgram() {
    assertThatThrownBy(() -> machine.program(".8byte 0xff; exit"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("instruction 0: unknown opcode 0xff");
  }

  private ProgramArrayMap programs() {
    return (ProgramArrayMap) machine.map(MapType.PROG_ARRAY, 4, 4, 4, 0);
  }

  /** A chain of calls in which so many frames are active at once; each adds 1. */
  private static String nested(int frames) {
    StringBuilder source = new StringBuilder("r0 = 0\n");
    for (int i = 1; i <= frames; i++) {
      source.append("f").append(i).append(": ");
      source.append(i < frames ? "call f" + (i + 1) + "\n" : "r0 = 0\n").append("r0 += 1\nexit\n");
    }
    return source.toString();
  }
}
