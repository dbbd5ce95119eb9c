package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * Programs made to keep a verifier busy are accepted or refused all the same, within the heap that
 * tests have. The time limit is there for what would never end; each takes seconds at the most.
 */
@Timeout(120)
class HostileProgramsTest {
  private static final int LONG = 300_000;

  @Test
  void controlMayFlowBackwardsThroughTheWholeProgram() {
    // Each jump goes to the one before it, so what is live at the first is live at all.
    List<Instruction> code =
        new ArrayList<>(Assembler.assemble("r6 = r1\ngotol +" + (2 * LONG + 2) + "\nr0 = 0\nexit"));
    List<Instruction> back = Assembler.assemble("r0 = 1\ngoto -4");
    for (int i = 0; i <= LONG; i++) {
      code.addAll(back);
    }
    assertThat(refusal(code)).isNull();
  }

  @Test
  void aLongProgramMayNeedAnOldNumberAgainAndAgain() {
    StringBuilder turn = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      turn.append("r2 = r10\nr2 += r6\n");
    }
    List<Instruction> code =
        new ArrayList<>(Assembler.assemble("r6 = -8\nr0 = 0\nif r0 == 0 goto +0\ngoto +0"));
    List<Instruction> repeated = Assembler.assemble(turn.toString());
    for (int i = 0; i < 400; i++) {
      code.addAll(repeated);
    }
    code.addAll(Assembler.assemble("exit"));
    assertThat(refusal(code)).isNull();
  }

  @Test
  void aLoopWithoutABoundEndsWithTheInstructionLimit() {
    assertThat(refusal("r0 = 0\nagain:\nr0 += 1\nif r0 != 0x7fffffff goto again\nexit"))
        .contains("too complex")
        .contains("1000000 instructions");
  }

  @Test
  void pathsThatWaitAreLimited() {
    StringBuilder text = new StringBuilder("r6 = *(u32 *)(r1 + 12)\nr0 = 0\n");
    for (int i = 0; i < 9000; i++) {
      text.append("if r6 == %d goto +1\nr0 += 1\n".formatted(i));
    }
    assertThat(refusal(text + "exit")).contains("8192 paths");
  }

  @Test
  void pathsThatNeverMeetEndWithTheInstructionLimit() {
    StringBuilder text =
        new StringBuilder("r7 = *(u32 *)(r1 + 0)\nr8 = *(u32 *)(r1 + 4)\n")
            .append("r1 = r7\nr1 += 64\nif r1 > r8 goto out\nr9 = 0\n");
    for (int i = 0; i < 24; i++) {
      text.append("r2 = *(u8 *)(r7 + %d)\nif r2 > 5 goto +1\nr9 += %d\n".formatted(i, 1 << i));
    }
    text.append("r9 &= 0\nr3 = r10\nr3 += r9\nout:\nr0 = 0\nexit");
    assertThat(refusal(text.toString())).contains("too complex");
  }

  @Test
  void eightFramesOfFullStacksThatChangeInALoopFitTheMemory() {
    StringBuilder text = new StringBuilder("r6 = 0\nagain:\nr1 = r6\ncall f1\nr6 += 1\n");
    text.append("if r6 < 1000000 goto again\nr0 = 0\nexit\n");
    for (int f = 1; f <= 7; f++) {
      text.append("f%d:\nr6 = r1\n".formatted(f));
      for (int slot = 1; slot <= 8; slot++) {
        text.append("*(u64 *)(r10 - %d) = r6\n".formatted(slot * 8));
      }
      String call = f < 7 ? "r1 = r6\nr1 += 1\ncall f%d\n".formatted(f + 1) : "r0 = r6\n";
      text.append(call);
      for (int slot = 1; slot <= 8; slot++) {
        text.append("r1 = *(u64 *)(r10 - %d)\nif r1 > 5000000 goto +0\n".formatted(slot * 8));
      }
      text.append("exit\n");
    }
    assertThat(refusal(text.toString())).contains("too complex");
  }

  @Test
  void functionsMayCallOneAnotherInALongChain() {
    StringBuilder text = new StringBuilder("call f1\nexit\n");
    for (int f = 1; f < 255; f++) {
      text.append("f%d:\ncall f%d\nexit\n".formatted(f, f + 1));
    }
    assertThat(refusal(text + "f255:\nr0 = 0\nexit")).contains("frame");
  }

  @Test
  void moreInstructionsThanLinuxTakesAreRefusedAtOnce() {
    List<Instruction> code = new ArrayList<>();
    Instruction nothing = Assembler.assemble("r0 = 0").getFirst();
    for (int i = 0; i < 1_000_001; i++) {
      code.add(nothing);
    }
    code.addAll(Assembler.assemble("exit"));
    assertThat(refusal(code)).contains("1000000");
  }

  private static String refusal(String text) {
    return refusal(Assembler.assemble(text));
  }

  /** What is wrong with it, or null. */
  private static String refusal(List<Instruction> code) {
    try {
      Verifier.verify(BpfProgram.of(code), List.of());
      return null;
    } catch (VerifierException e) {
      return e.getMessage();
    }
  }
}
