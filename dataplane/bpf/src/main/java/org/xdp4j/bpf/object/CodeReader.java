package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.isa.Instruction;

/** Reads the sections of instructions and finds the functions in them. */
final class CodeReader {
  private static final String TEXT = ".text";

  private final ElfFile elf;
  private final BtfExt ext;

  /** The symbols of each section, by its number. */
  private final Map<Integer, List<ElfSymbol>> symbols = new HashMap<>();

  CodeReader(ElfFile elf, BtfExt ext) {
    this.elf = elf;
    this.ext = ext;
    for (ElfSymbol symbol : elf.symbols()) {
      symbols.computeIfAbsent(symbol.section(), s -> new ArrayList<>()).add(symbol);
    }
  }

  /** Whether subprograms stand in it, and no programs: {@code .text} and its named variants. */
  static boolean isText(ElfSection section) {
    return section.name().equals(TEXT) || section.name().startsWith(TEXT + ".");
  }

  /** The sections of instructions, by number. */
  Map<Integer, CodeSection> read() throws ObjectException {
    Map<Integer, CodeSection> result = new HashMap<>();
    for (ElfSection section : elf.sections()) {
      if (section.isCode() && section.size() > 0) {
        CodeSection code = section(section);
        findFunctions(code);
        result.put(section.index(), code);
      }
    }
    return result;
  }

  private CodeSection section(ElfSection section) throws ObjectException {
    ByteBuffer bytes = section.bytes();
    if (bytes.limit() % Instruction.SIZE != 0) {
      throw elf.wrong(
          section, bytes.limit() & -Instruction.SIZE, "the last instruction is cut off");
    }
    Instruction[] instructions = new Instruction[bytes.limit() / Instruction.SIZE];
    for (int i = 0; i < instructions.length; i++) {
      instructions[i] = Instruction.decode(bytes.getLong(i * Instruction.SIZE));
    }
    return new CodeSection(
        section,
        instructions,
        lines(section),
        relocations(section),
        within(section, ext.relocations().getOrDefault(section.name(), List.of())));
  }

  private List<LineInfo> lines(ElfSection section) throws ObjectException {
    List<BtfExt.LineRecord> records =
        within(section, ext.lines().getOrDefault(section.name(), List.of()));
    List<LineInfo> lines = new ArrayList<>(records.size());
    for (BtfExt.LineRecord record : records) {
      lines.add(
          new LineInfo(
              record.offset() / Instruction.SIZE,
              record.file(),
              record.line(),
              record.column(),
              record.text(),
              record.indent()));
    }
    return lines;
  }

  private <T extends BtfExt.OffsetRecord> List<T> within(ElfSection section, List<T> records)
      throws ObjectException {
    if (!records.isEmpty() && records.getLast().offset() >= section.size()) {
      throw elf.wrong(
          section,
          records.getLast().offset(),
          ".BTF.ext speaks of an instruction there, and the section has 0x%x bytes"
              .formatted(section.size()));
    }
    return records;
  }

  private Map<Integer, ElfRelocation> relocations(ElfSection section) throws ObjectException {
    Map<Integer, ElfRelocation> result = new HashMap<>();
    for (ElfRelocation relocation : elf.relocations(section)) {
      if (relocation.offset() % Instruction.SIZE != 0) {
        throw elf.wrong(section, relocation.offset(), "a relocation within an instruction");
      }
      if (result.put(relocation.offset() / Instruction.SIZE, relocation) != null) {
        throw elf.wrong(section, relocation.offset(), "a second relocation of one instruction");
      }
    }
    return result;
  }

  private void findFunctions(CodeSection code) throws ObjectException {
    List<ElfSymbol> found = functionSymbols(code.section);
    Map<Integer, Integer> types = new HashMap<>();
    for (BtfExt.FuncRecord record :
        within(code.section, ext.functions().getOrDefault(code.section.name(), List.of()))) {
      types.put(record.offset() / Instruction.SIZE, record.type());
    }
    CodeFunction before = null;
    for (int i = 0; i < found.size(); i++) {
      ElfSymbol symbol = found.get(i);
      int start = slots(code, symbol, symbol.value());
      int count = slots(code, symbol, length(code, found, i));
      if (before != null && start != before.start() && start < before.end()) {
        throw elf.wrong(
            code.section,
            symbol.value(),
            "functions '%s' and '%s' overlap".formatted(before.name(), symbol.name()));
      }
      CodeFunction function = code.functions.get(start);
      if (function == null) {
        function =
            new CodeFunction(
                symbol.name(),
                code,
                start,
                count,
                symbol.isExported(),
                types.getOrDefault(start, 0));
        code.functions.put(start, function);
        before = function;
      }
      if (!symbol.isLocal()) {
        code.entries.add(new CodeSection.Entry(symbol.name(), function));
      }
    }
    if (found.isEmpty() && !isText(code.section)) {
      addWholeSection(code, types.getOrDefault(0, 0));
    }
  }

  /**
   * Function symbols ascending by offset, the longest first where several begin. Compilers before
   * clang 7 gave functions no type, and their labels are local.
   */
  private List<ElfSymbol> functionSymbols(ElfSection section) {
    List<ElfSymbol> all = symbols.getOrDefault(section.index(), List.of());
    List<ElfSymbol> found = new ArrayList<>(all.stream().filter(ElfSymbol::isFunction).toList());
    if (found.isEmpty()) {
      all.stream().filter(s -> s.isUntyped() && !s.isLocal()).forEach(found::add);
    }
    found.removeIf(s -> s.value() >= section.size());
    found.sort(
        Comparator.comparingLong(ElfSymbol::value)
            .thenComparing(Comparator.comparingLong(ElfSymbol::size).reversed()));
    return found;
  }

  /** A symbol without size reaches to the next one. */
  private static long length(CodeSection code, List<ElfSymbol> found, int i) {
    ElfSymbol symbol = found.get(i);
    if (symbol.size() > 0) {
      return symbol.size();
    }
    for (int next = i + 1; next < found.size(); next++) {
      if (found.get(next).value() > symbol.value()) {
        return found.get(next).value() - symbol.value();
      }
    }
    return code.section.size() - symbol.value();
  }

  private int slots(CodeSection code, ElfSymbol symbol, long bytes) throws ObjectException {
    if (bytes % Instruction.SIZE != 0) {
      throw elf.wrong(
          code.section,
          symbol.value(),
          "function '%s' begins or ends within an instruction".formatted(symbol.name()));
    }
    return (int) (bytes / Instruction.SIZE);
  }

  /** A section of hand-written code without a symbol is one program, named as the section. */
  private static void addWholeSection(CodeSection code, int btfFunc) {
    String name = code.section.name();
    CodeFunction function =
        new CodeFunction(name, code, 0, code.instructions.length, true, btfFunc);
    code.functions.put(0, function);
    code.entries.add(new CodeSection.Entry(name, function));
  }
}
