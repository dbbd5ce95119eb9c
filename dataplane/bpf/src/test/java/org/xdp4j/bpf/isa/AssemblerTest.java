package org.xdp4j.bpf.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AssemblerTest {
  @Test
  void resolvesLabelsAcrossWideInstructions() {
    List<Instruction> program =
        Assembler.assemble(
            """
            start: r1 = 0x1122334455667788 ll   // two slots
                   if r1 != r2 goto end
                   goto start; gotol end
            end:   call twice
                   exit
            twice: r0 = 2
                   exit
            """);
    assertThat(program)
        .containsExactly(
            new Instruction(0x18, 1, 0, 0, 0x55667788),
            new Instruction(0, 0, 0, 0, 0x11223344),
            new Instruction(0x5d, 1, 2, 2, 0),
            new Instruction(0x05, 0, 0, -4, 0),
            new Instruction(0x06, 0, 0, 0, 0),
            new Instruction(0x85, 0, 1, 0, 1),
            new Instruction(0x95, 0, 0, 0, 0),
            new Instruction(0xb7, 0, 0, 0, 2),
            new Instruction(0x95, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r1 = r2 + 1 | line 1: 'r1 = r2 + 1' is no instruction",
        "r1 += w2 | line 1: r and w do not go together",
        "goto nowhere | line 1: there is no label nowhere",
        "r1 = 0x80000000 | line 1: 0x80000000 does not fit into 32 bits, signed",
        "r1 = *(u8 *)(r2 + 40000) | line 1: 40000 does not fit into the 16-bit offset",
        "a: a: exit | line 1: label a is there twice",
      })
  void saysWhichLineIsWrongAndWhy(String source, String message) {
    assertThatThrownBy(() -> Assembler.assemble(source))
        .isInstanceOf(AssemblyException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @EnumSource(Dialect.class)
  void readsEverythingTheDisassemblerWrites(Dialect dialect) {
    Random random = new Random(11);
    int read = 0;
    for (int i = 0; i < 40_000; i++) {
      Instruction instruction = RandomInstructions.valid(random);
      Instruction second =
          instruction.isWide() ? new Instruction(0, 0, 0, 0, random.nextInt()) : null;
      String text = Disassembler.text(instruction, second, dialect);
      if (dialect == Dialect.V4 || !isNarrowAtomic(instruction)) {
        List<Instruction> expected =
            second == null ? List.of(instruction) : List.of(instruction, second);
        assertThat(Assembler.assemble(text)).as(text).isEqualTo(expected);
        read++;
      }
    }
    assertThat(read).isGreaterThan(36_000);
  }

  /** The generic dialect has one text for all of them, or none. */
  private static boolean isNarrowAtomic(Instruction instruction) {
    return instruction.isAtomic() && instruction.accessSize() == 4;
  }
}
