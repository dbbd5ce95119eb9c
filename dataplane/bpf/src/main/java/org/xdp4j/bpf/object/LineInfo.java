package org.xdp4j.bpf.object;

/**
 * Where an instruction comes from ({@code struct bpf_line_info}).
 *
 * @param instruction index of the first instruction of this line; it holds until the next record's
 * @param file as clang recorded it
 * @param line 1 up
 * @param column 1 up
 * @param text the source line itself, trimmed
 * @param indent characters that were trimmed off its beginning
 */
public record LineInfo(
    int instruction, String file, int line, int column, String text, int indent) {
  /** A line that began with its text. */
  public LineInfo(int instruction, String file, int line, int column, String text) {
    this(instruction, file, line, column, text, 0);
  }

  /** The same line, for another instruction. */
  public LineInfo at(int newInstruction) {
    return new LineInfo(newInstruction, file, line, column, text, indent);
  }

  /** {@code file:line}, as messages quote it. */
  public String location() {
    return file + ":" + line;
  }
}
