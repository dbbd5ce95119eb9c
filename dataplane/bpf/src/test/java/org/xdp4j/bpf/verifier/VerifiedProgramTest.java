package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;

/** What the compiler is told of each instruction. */
class VerifiedProgramTest {
  private static final MapSpec VALUES = MapSpec.of("values", MapType.ARRAY, 4, 64, 1, 0);

  private static VerifiedProgram verified(String text) throws VerifierException {
    return Verifier.verify(BpfProgram.of(Assembler.assemble(text)), List.of(VALUES));
  }

  @Test
  void saysHowComparisonsComeOut() throws VerifierException {
    VerifiedProgram program =
        verified(
            """
            r0 = 3
            if r0 > 2 goto +1
            r0 = 9
            if r0 == 4 goto +1
            r2 = *(u32 *)(r1 + 12)
            if r2 > 7 goto +0
            exit
            """);
    assertThat(program.outcome(1)).isEqualTo(BranchOutcome.ALWAYS);
    assertThat(program.reached(2)).isFalse();
    assertThat(program.outcome(3)).isEqualTo(BranchOutcome.NEVER);
    assertThat(program.outcome(4)).isEqualTo(BranchOutcome.NONE);
    assertThat(program.outcome(5)).isEqualTo(BranchOutcome.EITHER);
  }

  @Test
  void boundsTheNumbersThatTheProofRestsOn() throws VerifierException {
    VerifiedProgram program =
        verified(
            """
            r6 = *(u32 *)(r1 + 12)
            *(u32 *)(r10 - 4) = 0
            r1 = map[0] ll
            r2 = r10
            r2 += -4
            call 1
            if r0 == 0 goto +4
            r6 &= 28
            r0 += r6
            r0 = *(u8 *)(r0 + 0)
            r6 += 1
            r0 = 0
            exit
            """);
    NumberRange index = program.number(9, 6);
    assertThat(index.least()).isZero();
    assertThat(index.most()).isEqualTo(28);
    assertThat(index.unknownBits()).isEqualTo(28);
    assertThat(program.number(11, 6)).as("nothing rests on it there").isNull();
    assertThat(program.map(6)).isZero();
    assertThat(program.kind(10)).isEqualTo(MemoryKind.MAP_VALUE);
  }

  @Test
  void knowsWhereInThePacketAnAccessLies() throws VerifierException {
    VerifiedProgram program =
        verified(
            """
            r2 = *(u32 *)(r1 + 0)
            r3 = *(u32 *)(r1 + 4)
            r4 = r2
            r4 += 14
            if r4 > r3 goto +2
            r2 += 6
            r5 = *(u16 *)(r2 + 6)
            r0 = 2
            exit
            """);
    assertThat(program.kind(6)).isEqualTo(MemoryKind.PACKET);
    assertThat(program.offset(6)).isEqualTo(12);
    assertThat(program.kind(0)).isEqualTo(MemoryKind.CONTEXT);
  }

  @Test
  void saysNothingOfNumbersThatOtherPathsMayChange() throws VerifierException {
    VerifiedProgram program =
        verified(
            """
            r6 = 1
            r7 = *(u32 *)(r1 + 12)
            if r7 > 7 goto +1
            r6 = 2
            r0 = r6
            r0 += 5
            exit
            """);
    assertThat(program.number(5, 0)).isNull();
    assertThat(program.number(4, 6)).isNull();
  }
}
