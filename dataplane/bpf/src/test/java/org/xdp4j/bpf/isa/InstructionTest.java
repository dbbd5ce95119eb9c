package org.xdp4j.bpf.isa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InstructionTest {
  @Test
  void decodesTheFieldsWhereRfc9669PutsThem() {
    // r1 = *(u16 *)(r2 - 4)
    Instruction load = Instruction.decode(0x0000_0000_fffc_2169L);
    assertThat(load).isEqualTo(new Instruction(0x69, 1, 2, -4, 0));
    assertThat(load.encode()).isEqualTo(0x0000_0000_fffc_2169L);
  }
}
