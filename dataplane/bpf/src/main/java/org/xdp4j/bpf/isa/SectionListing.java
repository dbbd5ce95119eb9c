package org.xdp4j.bpf.isa;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

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

  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");
  private static final int INDEX_WIDTH = 8;

  private final byte[] code;
  private final Dialect dialect;
  private final List<Symbol> symbols;
  private final Consumer<String> out;

  private SectionListing(
      String section, byte[] code, List<Symbol> symbols, Dialect dialect, Consumer<String> out) {
    this.code = code;
    this.dialect = dialect;
    this.out = out;
    this.symbols = new ArrayList<>(symbols);
    if (symbols.stream().noneMatch(s -> s.address() == 0)) {
      this.symbols.add(new Symbol(0, section));
    }
    this.symbols.sort(Comparator.comparing(Symbol::address).thenComparing(Symbol::name));
  }

  /**
   * The listing of one section, as one text.
   *
   * @param symbols the functions and labels of the section, in any order; symbols of the section
   *     itself or of files do not belong here
   */
  public static String of(String section, byte[] code, List<Symbol> symbols, Dialect dialect) {
    StringBuilder text = new StringBuilder();
    write(section, code, symbols, dialect, line -> text.append(line).append('\n'));
    return text.toString();
  }

  /** The same, a line at a time and without line ends, for sections of any size. */
  public static void write(
      String section, byte[] code, List<Symbol> symbols, Dialect dialect, Consumer<String> out) {
    out.accept("");
    out.accept("Disassembly of section " + section + ":");
    new SectionListing(section, code, symbols, dialect, out).write();
  }

  private void write() {
    for (int i = 0; i < symbols.size(); i++) {
      Symbol symbol = symbols.get(i);
      boolean last = i + 1 == symbols.size();
      long end = last ? code.length : Math.min(code.length, symbols.get(i + 1).address());
      if (symbol.address() < end) {
        out.accept("");
        out.accept(HexFormat.of().toHexDigits(symbol.address()) + " <" + symbol.name() + ">:");
        range((int) symbol.address(), (int) end);
      }
    }
  }

  private void range(int start, int end) {
    int at = start;
    while (at < end) {
      int zeroes = zeroes(at, end);
      if (zeroes > 0) {
        out.accept("\t\t...");
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
    String index = Integer.toString(at / Instruction.SIZE);
    StringBuilder line = new StringBuilder();
    line.repeat(" ", Math.max(0, INDEX_WIDTH - index.length())).append(index).append(":\t");
    line.append(HEX.formatHex(code, at, at + size)).append('\t').append(text);
    if (first != null && first.isJump() && !text.equals(Disassembler.UNKNOWN)) {
      appendTarget(line, at + Instruction.SIZE * (1L + first.jumpOffset()));
    }
    out.accept(line.toString());
    return size;
  }

  private Instruction slot(int at) {
    return at + Instruction.SIZE <= code.length
        ? Instructions.decode(code, at, Instruction.SIZE).get(0)
        : null;
  }

  /** Addresses are unsigned there: a jump to before the section is one to far behind it. */
  private void appendTarget(StringBuilder line, long target) {
    int low = 0;
    int high = symbols.size() - 1;
    while (low < high) {
      int middle = low + high + 1 >>> 1;
      boolean before = Long.compareUnsigned(symbols.get(middle).address(), target) <= 0;
      low = before ? middle : low;
      high = before ? high : middle - 1;
    }
    Symbol found = symbols.get(low);
    line.append(" <").append(found.name());
    if (target != found.address()) {
      line.append("+0x").append(Long.toHexString(target - found.address()));
    }
    line.append('>');
  }
}
