package org.xdp4j.bpf.object;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Sections named {@code ID/SLOT}, whose programs iproute2's loader puts into the program array with
 * that id (lib/bpf_legacy.c, bpf_fill_prog_arrays). Numbers are read as {@code sscanf("%i/%i")}
 * reads them: decimal, octal or hexadecimal, and what stands behind them is no matter.
 */
final class TailSections {
  private static final String NUMBER = "([+-]?(?:0[xX][0-9a-fA-F]{1,16}|\\d{1,20}))";
  private static final Pattern NAME = Pattern.compile("\\s*" + NUMBER + "/\\s*" + NUMBER);

  private final Map<Integer, List<MapSpec.Slot>> slots = new HashMap<>();

  private TailSections() {}

  /** Those of a file. */
  static TailSections of(ElfFile elf) {
    TailSections found = new TailSections();
    Map<Integer, Matcher> names = new HashMap<>();
    for (ElfSection section : elf.sections()) {
      Matcher name = NAME.matcher(section.name());
      if (section.isCode() && name.lookingAt()) {
        names.put(section.index(), name);
      }
    }
    if (names.isEmpty()) {
      return found;
    }
    for (ElfSymbol symbol : elf.symbols()) {
      boolean first = symbol.isFunction() && symbol.value() == 0 && !symbol.name().isEmpty();
      Matcher name = first ? names.remove(symbol.section()) : null;
      if (name != null) {
        found
            .slots
            .computeIfAbsent(number(name.group(1)), id -> new ArrayList<>())
            .add(new MapSpec.Slot(number(name.group(2)), symbol.name()));
      }
    }
    return found;
  }

  /** Whether this is the name of such a section. */
  static boolean isOne(String section) {
    return NAME.matcher(section).lookingAt();
  }

  /** What the first program array with this id holds. */
  List<MapSpec.Slot> take(int id) {
    List<MapSpec.Slot> found = slots.remove(id);
    return found == null ? List.of() : found;
  }

  private static int number(String text) {
    boolean negative = text.startsWith("-");
    String digits = text.substring(negative || text.startsWith("+") ? 1 : 0);
    int radix = 10;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      radix = 16;
      digits = digits.substring(2);
    } else if (digits.length() > 1 && digits.startsWith("0") && digits.matches("[0-7]+")) {
      radix = 8;
    }
    int number = new BigInteger(digits, radix).intValue();
    return negative ? -number : number;
  }
}
