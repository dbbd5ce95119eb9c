package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.xdp4j.bpf.isa.Dialect;
import org.xdp4j.bpf.isa.Disassembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.SectionListing;
import org.xdp4j.bpf.object.CodeListing;
import org.xdp4j.bpf.object.ObjectException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j disasm}: the instructions of an object file as text. */
@Command(
    name = "disasm",
    description = {
      "Prints the instructions of an object file as llvm-objdump -d does.",
      "",
      "With --json each line is one instruction: section, symbol, insn, bytes and text."
    },
    footer = {
      "  xdp4j disasm filters/pass.bpf.o",
      "  xdp4j disasm --mcpu v4 --json filters/firewall.bpf.o"
    })
final class DisasmCommand extends Verb {
  @Option(
      names = "--mcpu",
      paramLabel = "CPU",
      defaultValue = "generic",
      description =
          "As llvm-objdump --mcpu=CPU: generic (the default) or v4, which names the registers of"
              + " 32-bit loads and stores w0 to w9 and knows every instruction.")
  private Dialect dialect;

  @Parameters(paramLabel = "OBJ", description = "An object file that clang built.")
  private Path object;

  DisasmCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    List<CodeListing> sections = read();
    if (!json) {
      // The tool's own first lines, so that both outputs can be compared whole.
      console.out().print("\n" + object + ":\tfile format elf64-bpf\n");
    }
    for (CodeListing section : sections) {
      if (json) {
        printLines(section);
      } else {
        SectionListing.write(
            section.name(),
            section.code(),
            section.symbols(),
            dialect,
            line -> console.out().print(line + "\n"));
      }
    }
    return ExitStatus.OK;
  }

  private List<CodeListing> read() throws CliException {
    if (Files.isDirectory(object)) {
      throw CliException.unusable(object + ": this is a directory, not an object file");
    }
    try {
      return CodeListing.read(object);
    } catch (ObjectException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
  }

  private void printLines(CodeListing section) {
    byte[] code = section.code();
    for (int at = 0; at + Instruction.SIZE <= code.length; ) {
      Instruction first = Words.instruction(code, at);
      boolean wide = first.isWide() && at + 2 * Instruction.SIZE <= code.length;
      Instruction second = wide ? Words.instruction(code, at + Instruction.SIZE) : null;
      int size = wide ? 2 * Instruction.SIZE : Instruction.SIZE;
      int start = at;
      String text = Disassembler.text(first, second, dialect);
      Json.line(console.out(), generator -> write(generator, section, start, size, text));
      at += size;
    }
  }

  private static void write(
      JsonGenerator generator, CodeListing section, int at, int size, String text)
      throws IOException {
    generator.writeStringField("section", section.name());
    Json.string(
        generator,
        "symbol",
        section.symbols().stream()
            .filter(s -> s.address() <= at)
            .max(Comparator.comparing(SectionListing.Symbol::address))
            .map(SectionListing.Symbol::name)
            .orElse(null));
    generator.writeNumberField("insn", at / Instruction.SIZE);
    generator.writeStringField("bytes", Words.hex(section.code(), at, size));
    generator.writeStringField("text", text);
  }
}
