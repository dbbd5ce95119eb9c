package org.xdp4j.bpf.isa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The disassembly of a section, laid out as {@code llvm-objdump -d} does it:
 *
 * <pre>
 *
 * Disassembly of section xdp:
 *
 * 0000000000000000 &lt;filter&gt;:
 *        0:	b7 00 00 00 02 00 00 00	r0 = 0x2
 *        1:	95 00 00 00 00 00 00 00	exit
 * </pre>
 *
 * Eight and more zero bytes become a line of dots, a jump names its target by the symbol before it,
 * and bytes at the end of a function that are no whole instruction stand alone.
 */
public final class SectionListing {
  /**
   * A place in the section.
   *
   * @param address bytes from the section's start
   */
  public record Symbol(long address, String name) {}

  private static final int ZEROES_SKIPPED = 8;

  private final String section;
  private final byte[] code;
  private final Dialect dialect;
  private final List<Symbol> symbols;
  private final StringBuilder out = new StringBuilder();

  private SectionListing(String section, byte[] code, List<Symbol> symbols, Dialect dialect) {
    this.section = section;
    this.code = code;
    this.dialect = dialect;
    this.symbols = new ArrayList<>(symbols);
    if (symbols.stream().noneMatch(s -> s.address() == 0)) {
      this.symbols.add(new Symbol(0, section));
    }
    this.symbols.sort(Comparator.comparing(Symbol::address).thenComparing(Symbol::name));
  }

  /**
   * The listing of one section.
   *
   * @param symbols the functions and labels of the section, in any order; symbols of the section
   *     itself or of files do not belong here
   */
  public static String of(String section, byte[] code, List<Symbol> symbols, Dialect dialect) {
    SectionListing listing = new SectionListing(section, code, symbols, dialect);
    listing.write();
    return listing.out.toString();
  }

  private void write() {
    out.append("\nDisassembly of section ").append(section).append(":\n");
    for (int i = 0; i < symbols.size(); i++) {
      Symbol symbol = symbols.get(i);
      boolean last = i + 1 == symbols.size();
      long end = last ? code.length : Math.min(code.length, symbols.get(i + 1).address());
      if (symbol.address() < end) {
        out.append(String.format("\n%016x <%s>:\n", symbol.address(), symbol.name()));
        range((int) symbol.address(), (int) end);
      }
    }
  }

  private void range(int start, int end) {
    int at = start;
    while (at < end) {
      int zeroes = zeroes(at, end);
      if (zeroes > 0) {
        out.append("\t\t...\n");
        at += zeroes;
      } else {
        at += line(at);
      }
    }
  }

  private int zeroes(int start, int end) {
    int at = start;
    while (at < end && code[at] == 0) {
      at++;
    }
    // Whole multiples of four, as the tool does it: zeroes may be part of the next instruction.
    return at - start < ZEROES_SKIPPED ? 0 : at - start & ~3;
  }

  private int line(int at) {
    Instruction first = slot(at);
    String text = Disassembler.UNKNOWN;
    int size = 1;
    if (first != null) {
      Instruction second = slot(at + Instruction.SIZE);
      text = Disassembler.text(first, second, dialect);
      size = Instruction.SIZE;
      if (first.isWide() && !text.equals(Disassembler.UNKNOWN)) {
        text = second == null ? Disassembler.UNKNOWN : text;
        size = second == null ? 1 : 2 * Instruction.SIZE;
      }
    }
    out.append(String.format("%8d:\t", at / Instruction.SIZE));
    for (int i = 0; i < size; i++) {
      out.append(i == 0 ? "" : " ").append(String.format("%02x", code[at + i]));
    }
    out.append('\t').append(text);
    if (first != null && first.isJump() && !text.equals(Disassembler.UNKNOWN)) {
      appendTarget(at + Instruction.SIZE * (1L + first.jumpOffset()));
    }
    out.append('\n');
    return size;
  }

  private Instruction slot(int at) {
    return at + Instruction.SIZE <= code.length
        ? Instructions.decode(code, at, Instruction.SIZE).get(0)
        : null;
  }

  /** Addresses are unsigned there: a jump to before the section is one to far behind it. */
  private void appendTarget(long target) {
    Symbol found = symbols.get(0);
    for (Symbol symbol : symbols) {
      if (Long.compareUnsigned(symbol.address(), target) <= 0) {
        found = symbol;
      }
    }
    long distance = target - found.address();
    out.append(" <").append(found.name());
    if (distance != 0) {
      out.append("+0x").append(Long.toHexString(distance));
    }
    out.append('>');
  }
}
