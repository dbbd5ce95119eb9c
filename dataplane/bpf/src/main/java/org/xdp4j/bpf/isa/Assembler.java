package org.xdp4j.bpf.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text that {@link Disassembler} writes, in either dialect, and a little more:
 *
 * <pre>
 *  again:                     a label, alone or before a statement
 *    if r1 &gt; 5 goto done      numbers are decimal or hexadecimal; a target is a label or +n, -n
 *    call 1                   a helper by its number
 *    call square              a subprogram by its label, or by its distance: call +3
 *    r1 = map[0] ll           a map by its index
 *    r1 = map[0] + 8 ll       a place in the first value of a map
 *    r1 = &amp;square ll          a function by its label
 *    .8byte 0x95              a slot as it is encoded
 *    r0 = 0; exit  // statements end with the line or a semicolon; comments begin with // or #
 * </pre>
 */
public final class Assembler {
  private static final Pattern LABEL = Pattern.compile("([A-Za-z_.][\\w.]*) ?:(?!:) ?");
  private static final Pattern COMMENT = Pattern.compile("(//|#).*");
  private static final Pattern ANNOTATION = Pattern.compile(" ?<[^<>]*>$");

  private record Statement(int line, int index, String text) {}

  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Statement> statements = new ArrayList<>();
  private int slots;

  private Assembler() {}

  /**
   * The instructions of a text. Whether they make sense is {@link InstructionCheck}'s question.
   *
   * @throws AssemblyException when a line is no instruction, or a label is missing or twice there
   */
  public static List<Instruction> assemble(String source) {
    Assembler assembler = new Assembler();
    int line = 0;
    for (String text : source.lines().toList()) {
      line++;
      for (String statement : COMMENT.matcher(text).replaceFirst("").split(";")) {
        assembler.read(line, statement);
      }
    }
    return assembler.instructions();
  }

  private void read(int line, String raw) {
    String text = ANNOTATION.matcher(raw.strip().replaceAll("\\s+", " ")).replaceFirst("");
    Matcher label = LABEL.matcher(text);
    while (label.lookingAt()) {
      if (labels.put(label.group(1), slots) != null) {
        throw new AssemblyException(
            "line " + line + ": label " + label.group(1) + " is there twice");
      }
      text = text.substring(label.end());
      label = LABEL.matcher(text);
    }
    if (!text.isEmpty()) {
      statements.add(new Statement(line, slots, text));
      slots += WideSyntax.isWide(text) ? 2 : 1;
    }
  }

  private List<Instruction> instructions() {
    List<Instruction> program = new ArrayList<>(slots);
    for (Statement statement : statements) {
      Operands operands = new Operands(labels, statement.index());
      try {
        program.addAll(encode(statement.text(), operands));
      } catch (IllegalArgumentException reason) {
        throw new AssemblyException("line " + statement.line() + ": " + reason.getMessage());
      }
    }
    return program;
  }

  private static List<Instruction> encode(String text, Operands operands) {
    if (WideSyntax.isWide(text)) {
      return WideSyntax.parse(text, operands);
    }
    Instruction instruction = JumpSyntax.parse(text, operands);
    if (instruction == null) {
      instruction = AluSyntax.parse(text);
    }
    if (instruction == null) {
      instruction = MemorySyntax.parse(text);
    }
    if (instruction == null) {
      instruction = AtomicSyntax.parse(text);
    }
    if (instruction == null) {
      throw new IllegalArgumentException("'" + text + "' is no instruction");
    }
    return List.of(instruction);
  }
}
