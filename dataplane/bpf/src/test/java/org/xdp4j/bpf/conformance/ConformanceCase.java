package org.xdp4j.bpf.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;

/**
 * One data file:
 *
 * <pre>
 *  # the rule, and where it stands
 *  -- asm
 *  r0 = *(u8 *)(r1 + 0)      as the assembler reads it
 *  exit
 *  -- mem
 *  01 82 03                  optional: what r1 points at
 *  -- result
 *  0x1                       r0; or "-- error" and the reason
 * </pre>
 *
 * @param result r0, when {@code error} is null
 */
record ConformanceCase(
    String name, String rule, List<Instruction> program, byte[] memory, long result, String error) {

  static Stream<ConformanceCase> all() throws IOException {
    Path root = Path.of(System.getProperty("xdp4j.root"));
    Path folder = root.resolve("dataplane/bpf/src/test/resources/conformance");
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".data"))
          .sorted()
          .map(ConformanceCase::read)
          .toList()
          .stream();
    }
  }

  private static ConformanceCase read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    String memory = section(text, "mem");
    String result = section(text, "result");
    String error = section(text, "error");
    if ((result == null) == (error == null)) {
      throw new IllegalArgumentException(file + " needs a result or an error");
    }
    return new ConformanceCase(
        file.getFileName().toString().replace(".data", ""),
        text.lines().findFirst().orElseThrow().substring(2),
        Assembler.assemble(section(text, "asm")),
        memory == null ? new byte[0] : HexFormat.ofDelimiter(" ").parseHex(memory),
        result == null ? 0 : Long.parseUnsignedLong(result.substring(2), 16),
        error);
  }

  private static String section(String text, String name) {
    String head = "-- " + name + "\n";
    int start = text.indexOf(head);
    if (start < 0) {
      return null;
    }
    int end = text.indexOf("\n-- ", start + head.length());
    return text.substring(start + head.length(), end < 0 ? text.length() : end).strip();
  }

  @Override
  public String toString() {
    return name;
  }
}
