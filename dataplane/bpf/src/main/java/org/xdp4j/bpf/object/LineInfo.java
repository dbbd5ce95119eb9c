package org.xdp4j.bpf.object;

/**
 * Where an instruction comes from ({@code struct bpf_line_info}).
 *
 * @param instruction index of the first instruction of this line; it holds until the next record's
 * @param file as clang recorded it
 * @param line 1 up
 * @param column 1 up
 * @param text the source line itself, trimmed
 */
public record LineInfo(int instruction, String file, int line, int column, String text) {
  /** {@code file:line}, as messages quote it. */
  public String location() {
    return file + ":" + line;
  }
}
