package org.xdp4j.bpf.btf;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * What a {@code .BTF.ext} section says of instructions, by the name of the ELF section these stand
 * in; ascending by offset, each offset once in {@code functions} and {@code lines}.
 *
 * @param functions {@code struct bpf_func_info}
 * @param lines {@code struct bpf_line_info}
 * @param relocations {@code struct bpf_core_relo}
 */
public record BtfExt(
    Map<String, List<FuncRecord>> functions,
    Map<String, List<LineRecord>> lines,
    Map<String, List<CoreRelocation>> relocations) {

  /** Nothing about any instruction. */
  public static final BtfExt EMPTY = new BtfExt(Map.of(), Map.of(), Map.of());

  /** The same, but of functions: to programs that are loaded without types, all are static. */
  public BtfExt withoutFunctions() {
    return new BtfExt(Map.of(), lines, relocations);
  }

  /** What is said of the instruction {@code offset} bytes from its section's beginning. */
  public sealed interface OffsetRecord {
    /** Bytes from the section's beginning; 0 up. */
    int offset();
  }

  /**
   * A function begins.
   *
   * @param type BTF id of its FUNC
   */
  public record FuncRecord(int offset, int type) implements OffsetRecord {}

  /**
   * A source line begins.
   *
   * @param text the line, trimmed
   * @param line 1 up
   * @param column 1 up
   * @param indent characters that were trimmed off the line's beginning
   */
  public record LineRecord(int offset, String file, String text, int line, int column, int indent)
      implements OffsetRecord {}

  /**
   * An instruction depends on the layout of a type.
   *
   * @param type BTF id of the type, as this object knows it
   * @param access the way to a member, like {@code 0:1:2}, or an enumerator's number
   * @param kind {@code enum bpf_core_relo_kind} (linux/bpf.h), known or not
   */
  public record CoreRelocation(int offset, int type, String access, int kind)
      implements OffsetRecord {}

  /**
   * Reads a {@code .BTF.ext} section.
   *
   * @param btf the same object's types, as {@link Btf#parse} gave them; where they are flawed, no
   *     kernel is told of functions, and what is said of these is not looked at
   * @throws BtfLayoutException saying what is wrong at which offset, when libbpf ignores the
   *     section
   * @throws BtfException the same of a record, which is for a kernel to refuse
   */
  public static BtfExt parse(ByteBuffer section, Btf btf) throws BtfException {
    return new BtfExtReader(section, btf).read();
  }
}
