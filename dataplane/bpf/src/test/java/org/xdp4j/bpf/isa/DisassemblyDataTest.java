package org.xdp4j.bpf.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each opcode's text, recorded from the tool, so that it holds where the tool is not installed. */
class DisassemblyDataTest {
  static Stream<String> lines() throws IOException {
    try (InputStream in = DisassemblyDataTest.class.getResourceAsStream("/isa/disassembly.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"));
    }
  }

  @ParameterizedTest
  @MethodSource("lines")
  void printsWhatWasRecorded(String line) {
    String[] columns = line.split(" \\| (?!=)");
    byte[] code = HexFormat.ofDelimiter(" ").parseHex(columns[0]);
    List<Instruction> slots = Instructions.decode(code);
    Instruction second = slots.size() > 1 ? slots.get(1) : null;
    String generic = columns[1].replace("\\t", "\t");
    String v4 = columns[columns.length - 1].replace("\\t", "\t");
    assertThat(Disassembler.text(slots.get(0), second, Dialect.GENERIC)).isEqualTo(generic);
    assertThat(Disassembler.text(slots.get(0), second, Dialect.V4)).isEqualTo(v4);
  }
}
