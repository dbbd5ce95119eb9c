package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.xdp4j.bpf.Reference;
import org.xdp4j.bpf.Reference.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j helpers}: what programs may call and which maps they may have. */
@Command(
    name = "helpers",
    description = {
      "Lists helpers, types of map and kernel functions that Linux offers XDP programs.",
      "Each is built, answered (as Linux answers where the object that is asked for is not there)",
      "or refused, with the reason.",
      "",
      "With --json each line is one of them."
    },
    footer = {
      "  xdp4j helpers",
      "  xdp4j helpers csum redirect",
      "  xdp4j helpers 169",
      "  xdp4j helpers --json lookup"
    })
final class HelpersCommand extends Verb {
  @Parameters(
      paramLabel = "WORD",
      arity = "0..*",
      description = "Only those whose name has one of these words in it, or that have this number.")
  private List<String> words = List.of();

  HelpersCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    List<Row> rows = Reference.rows().stream().filter(this::isWanted).toList();
    if (rows.isEmpty()) {
      throw CliException.unusable(
          "no helper, map type or kernel function has '"
              + String.join("' or '", words)
              + "' in its name");
    }
    if (json) {
      rows.forEach(row -> Json.line(console.out(), generator -> write(generator, row)));
      return ExitStatus.OK;
    }
    TextTable table = new TextTable("lrlll");
    rows.forEach(
        row ->
            table.row(
                row.group(),
                row.number() == 0 ? "" : String.valueOf(row.number()),
                row.name() + row.signature(),
                state(row),
                row.remark()));
    table.print(console.out(), "");
    return ExitStatus.OK;
  }

  private boolean isWanted(Row row) {
    String name = row.name().toLowerCase(Locale.ROOT);
    return words.isEmpty()
        || words.stream()
            .anyMatch(
                word ->
                    word.matches("[1-9]\\d*")
                        ? word.equals(String.valueOf(row.number()))
                        : name.contains(word.toLowerCase(Locale.ROOT)));
  }

  private static String state(Row row) {
    return row.state().name().toLowerCase(Locale.ROOT);
  }

  private static void write(JsonGenerator generator, Row row) throws IOException {
    generator.writeStringField("group", row.group());
    Json.number(generator, "number", row.number() == 0 ? null : row.number());
    generator.writeStringField("name", row.name());
    Json.string(generator, "signature", row.signature().isEmpty() ? null : row.signature());
    generator.writeStringField("state", state(row));
    Json.string(generator, "remark", row.remark().isEmpty() ? null : row.remark());
  }
}
