package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instructions;

class ConformanceProtocolTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @ValueSource(strings = {"--interpret", "--jit", ""})
  void printsR0InHexadecimal(String how) {
    // The tool that speaks the protocol puts two blanks behind each byte and gives empty arguments.
    String program = hex("r0 = *(u16 *)(r1 + 1); r2 <<= 32; r0 |= r2; exit").replace(" ", "  ");
    assertThat(run(program + " \n", "aa  bb  cc  ", how)).isZero();
    assertThat(out).hasToString("30000ccbb" + System.lineSeparator());
  }

  @Test
  void memoryMayBeAbsent() {
    assertThat(run(hex("r0 = r2; exit"))).isZero();
    assertThat(out).hasToString("0" + System.lineSeparator());
  }

  @Test
  void programMayBeAnArgumentAndUnseparated() {
    String program =
        HexFormat.of().formatHex(Instructions.encode(Assembler.assemble("r0 = -1; exit")));
    assertThat(run("", "--program", program)).isZero();
    assertThat(out).hasToString("ffffffffffffffff" + System.lineSeparator());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--interpret", "--jit"})
  void refusedProgramsSayWhyAndExitWithOne(String how) {
    assertThat(run(hex("r0 = 0; .8byte 0x195; exit"), how)).isEqualTo(1);
    assertThat(err).hasToString(line("instruction 1: reserved field dst is 1, not 0"));
    assertThat(out).hasToString("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--interpret", "--jit"})
  void faultsSayWhyAndExitWithOne(String how) {
    assertThat(run(hex("r1 = -8; r0 = *(u8 *)(r1 + 0); exit"), how)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
    assertThat(out).hasToString("");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--interpret", "--jit"})
  void endlessProgramsEnd(String how) {
    assertThat(run(hex("again: r0 += 1; goto again"), how)).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
  }

  @Test
  void unusableInputSaysWhyAndExitsWithTwo() {
    assertThat(run("zz")).isEqualTo(2);
    assertThat(run("abc")).isEqualTo(2);
    assertThat(run("95")).isEqualTo(2);
    assertThat(run("", "aa", "bb")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "'zz' in the program is no hexadecimal byte",
            "'abc' in the program is no hexadecimal byte",
            "a program of 1 bytes is not a whole number of 8-byte instructions",
            "memory is given twice: bb");
  }

  @Test
  void optionsOfOtherPluginsArePassedOver() {
    assertThat(run(hex("r0 = 7; exit"), "--fast")).isZero();
    assertThat(out).hasToString(line("7"));
  }

  @Test
  void anEmptyProgramIsRefused() {
    assertThat(run("")).isEqualTo(1);
    assertThat(err).hasToString(line("the program is empty"));
  }

  @Test
  void objectFilesRunOverAPacket() throws Exception {
    Path object = Path.of(System.getProperty("xdp4j.root"), "filters/drop.bpf.o");
    String file = HexFormat.ofDelimiter(" ").formatHex(Files.readAllBytes(object));
    for (String how : List.of("--interpret", "--jit")) {
      out.reset();
      assertThat(run(file, "00 11 22", "--elf", how)).as(err.toString()).isZero();
      assertThat(out).hasToString("1" + System.lineSeparator());
    }
    assertThat(run("7f 45", "--elf")).isEqualTo(2);
  }

  private int run(String program, String... arguments) {
    return Conformance.run(
        arguments,
        new ByteArrayInputStream(program.getBytes(StandardCharsets.US_ASCII)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private static String hex(String source) {
    return HexFormat.ofDelimiter(" ").formatHex(Instructions.encode(Assembler.assemble(source)));
  }

  private static String line(String text) {
    return text + System.lineSeparator();
  }
}
