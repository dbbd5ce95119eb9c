package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * Fills in where the variables of each section lie: clang leaves the sizes of sections and the
 * offsets of global variables to be linked, and the symbol table knows them.
 */
final class DatasecFixer {
  private final ElfFile elf;
  private final Btf btf;
  private final Map<String, ElfSymbol> symbols = new HashMap<>();

  private DatasecFixer(ElfFile elf, Btf btf) {
    this.elf = elf;
    this.btf = btf;
    for (ElfSymbol symbol : elf.symbols()) {
      if (!symbol.isLocal() && !symbol.name().isEmpty()) {
        symbols.putIfAbsent(symbol.name(), symbol);
      }
    }
  }

  /** The same types, with every section's variables ascending by offset. */
  static Btf fix(ElfFile elf, Btf btf) {
    DatasecFixer fixer = new DatasecFixer(elf, btf);
    Map<String, ElfSection> sections = new HashMap<>();
    for (ElfSection section : elf.sections()) {
      sections.putIfAbsent(section.name(), section);
    }
    Map<Integer, BtfType> fixed = new HashMap<>();
    for (int id = 1; id < btf.count(); id++) {
      if (btf.type(id) instanceof BtfType.Datasec datasec
          && sections.get(datasec.name()) instanceof ElfSection section
          && section.size() <= Integer.MAX_VALUE) {
        fixed.put(id, fixer.fix(datasec, section));
      }
    }
    return btf.replacing(fixed);
  }

  private BtfType fix(BtfType.Datasec datasec, ElfSection section) {
    List<BtfType.Secinfo> variables = new ArrayList<>(datasec.variables().size());
    for (BtfType.Secinfo info : datasec.variables()) {
      variables.add(fix(info, section));
    }
    variables.sort(Comparator.comparingLong(v -> Integer.toUnsignedLong(v.offset())));
    int size = datasec.size() != 0 ? datasec.size() : (int) section.size();
    return new BtfType.Datasec(datasec.name(), size, List.copyOf(variables));
  }

  /** Offsets of static variables are right already. */
  private BtfType.Secinfo fix(BtfType.Secinfo info, ElfSection section) {
    BtfType variable = btf.type(info.type());
    ElfSymbol symbol = symbols.get(variable.name());
    boolean known =
        symbol != null
            && symbol.section() == section.index()
            && !(variable instanceof BtfType.Var v && v.linkage() == BtfType.Linkage.STATIC);
    return known ? new BtfType.Secinfo(info.type(), (int) symbol.value(), info.size()) : info;
  }
}
