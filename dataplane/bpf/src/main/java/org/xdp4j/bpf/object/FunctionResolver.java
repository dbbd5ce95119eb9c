package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Does the relocations of a function: maps and variables become indexes of maps, externs what is
 * known of them, and calls find the function they call. What goes wrong stays with the function.
 */
final class FunctionResolver {
  private final ElfFile elf;
  private final Map<Integer, CodeSection> sections;
  private final MapTable maps;
  private final Externs externs;
  private final CoreRelocator core;
  private final Map<CodeFunction, ResolvedFunction> resolved = new IdentityHashMap<>();

  /** The functions that a slot could be called at, by section. */
  FunctionResolver(
      ElfFile elf,
      Map<Integer, CodeSection> sections,
      MapTable maps,
      Externs externs,
      CoreRelocator core) {
    this.elf = elf;
    this.sections = new HashMap<>(sections);
    this.maps = maps;
    this.externs = externs;
    this.core = core;
  }

  /** The function of this name that another object could call; null when there is none. */
  CodeFunction function(String name) {
    for (CodeSection code : name == null ? List.<CodeSection>of() : sections.values()) {
      for (CodeFunction function : code.functions.values()) {
        if (function.name().equals(name)) {
          return function;
        }
      }
    }
    return null;
  }

  /** The function, resolved once however many programs call it. */
  ResolvedFunction resolve(CodeFunction function) {
    ResolvedFunction known = resolved.get(function);
    if (known == null) {
      known = new Resolution(function).run();
      resolved.put(function, known);
    }
    return known;
  }

  /** One function being resolved. */
  private final class Resolution {
    private final CodeFunction function;
    private final Instruction[] slots;
    private final List<ResolvedFunction.Call> calls = new ArrayList<>();
    private String problem;

    Resolution(CodeFunction function) {
      this.function = function;
      this.slots =
          Arrays.copyOfRange(function.code().instructions, function.start(), function.end());
    }

    ResolvedFunction run() {
      List<BtfExt.CoreRelocation> records = function.code().coreRelocations;
      long begin = (long) function.start() * Instruction.SIZE;
      for (int i = Ascending.firstFrom(records, begin, BtfExt.CoreRelocation::offset);
          i < records.size();
          i++) {
        int slot = records.get(i).offset() / Instruction.SIZE - function.start();
        if (slot >= slots.length) {
          break;
        }
        try {
          core.apply(records.get(i), slots, slot);
        } catch (LinkException e) {
          fail(slot, e.getMessage());
        }
      }
      for (int slot = 0; slot < slots.length; slot++) {
        ElfRelocation relocation = function.code().relocations.get(function.start() + slot);
        try {
          if (relocation != null) {
            relocate(slot, relocation);
          } else {
            checkUnrelocated(slot);
          }
        } catch (LinkException e) {
          fail(slot, e.getMessage());
        }
        if (slots[slot].isWide()) {
          slot++;
        }
      }
      return new ResolvedFunction(function, slots, List.copyOf(calls), problem);
    }

    private void fail(int slot, String reason) {
      if (problem == null) {
        long offset = (long) (function.start() + slot) * Instruction.SIZE;
        problem = Place.of(function.code().section, offset) + ": " + reason;
      }
    }

    /** Static functions of the same section are called without a relocation. */
    private void checkUnrelocated(int slot) throws LinkException {
      Instruction instruction = slots[slot];
      if (isCall(instruction) && instruction.src() == Opcode.PSEUDO_CALL) {
        long target = (long) function.start() + slot + instruction.imm() + 1;
        call(slot, function.code(), target);
      } else if (instruction.isWide()
          && instruction.src() != 0
          && instruction.src() != Opcode.PSEUDO_BTF_ID) {
        throw new LinkException("an LDDW of a map or function without a relocation");
      }
    }

    private void relocate(int slot, ElfRelocation relocation) throws LinkException {
      Instruction instruction = slots[slot];
      ElfSymbol symbol = relocation.symbol();
      if (isCall(instruction)) {
        checkType(relocation, ElfRelocation.CALL_TARGET);
        relocateCall(slot, symbol);
      } else if (instruction.isWide()) {
        checkType(relocation, ElfRelocation.WIDE_CONSTANT);
        if (slot + 1 >= slots.length) {
          throw new LinkException("an LDDW without its second half");
        }
        relocateConstant(slot, symbol);
      } else {
        throw new LinkException(
            "instruction 0x%02x takes no relocation, '%s' was asked for"
                .formatted(instruction.opcode(), name(symbol)));
      }
    }

    private void checkType(ElfRelocation relocation, int wanted) throws LinkException {
      if (relocation.type() != wanted) {
        throw new LinkException(
            "relocation of type %d where %d is needed".formatted(relocation.type(), wanted));
      }
    }

    private void relocateCall(int slot, ElfSymbol symbol) throws LinkException {
      Instruction instruction = slots[slot];
      if (symbol.isExtern()) {
        externs.check(symbol);
        KfuncSpec function = externs.function(symbol);
        slots[slot] =
            function == null
                ? instruction.withSrc(Opcode.HELPER_CALL).withImm(Helpers.MISSING_FUNCTION)
                : instruction.withSrc(Opcode.PSEUDO_KFUNC_CALL).withImm(function.number());
        return;
      }
      if (instruction.src() != Opcode.PSEUDO_CALL) {
        throw new LinkException(
            "a call of a helper has a relocation, '%s'".formatted(name(symbol)));
      }
      call(slot, code(symbol), symbol.value() / Instruction.SIZE + instruction.imm() + 1);
    }

    private void relocateConstant(int slot, ElfSymbol symbol) throws LinkException {
      if (symbol.isExtern()) {
        relocateExtern(slot, symbol);
        return;
      }
      if (symbol.section() == ElfSymbol.COMMON) {
        throw new LinkException("variable '%s' has no initial value".formatted(symbol.name()));
      }
      long addend = slots[slot].imm();
      long offset = symbol.value() + addend;
      // As in libbpf a map's own symbol says which one, whatever the instruction adds: gas writes
      // the symbol's value there as well.
      int map = maps.at(symbol.section(), symbol.isSection() ? offset : symbol.value());
      int data = maps.data(symbol.section());
      if (map != MapTable.NONE) {
        load(slot, Opcode.PSEUDO_MAP_IDX, map, 0);
      } else if (data != MapTable.NONE) {
        loadData(slot, symbol, data, offset);
      } else if (sections.containsKey(symbol.section())) {
        if (offset % Instruction.SIZE != 0) {
          throw new LinkException(
              "the address of no function is taken, '%s'".formatted(name(symbol)));
        }
        slots[slot] = slots[slot].withSrc(Opcode.PSEUDO_FUNC);
        call(slot, sections.get(symbol.section()), offset / Instruction.SIZE);
      } else {
        throw new LinkException(
            "'%s' is neither a map, a variable nor a function".formatted(name(symbol)));
      }
    }

    private void loadData(int slot, ElfSymbol symbol, int map, long offset) throws LinkException {
      if (offset < 0 || offset > elf.sections().get(symbol.section()).size()) {
        throw new LinkException(
            "'%s' and %d bytes is outside of its section"
                .formatted(name(symbol), slots[slot].imm()));
      }
      load(slot, Opcode.PSEUDO_MAP_IDX_VALUE, map, (int) offset);
    }

    private void relocateExtern(int slot, ElfSymbol symbol) throws LinkException {
      externs.check(symbol);
      if (externs.isConfig(symbol)) {
        load(slot, Opcode.PSEUDO_MAP_IDX_VALUE, externs.configMap(), externs.offset(symbol));
        return;
      }
      KfuncSpec function = externs.function(symbol);
      load(slot, function == null ? 0 : Opcode.PSEUDO_BTF_ID, number(function), 0);
    }

    private static int number(KfuncSpec function) {
      return function == null ? 0 : function.number();
    }

    private void load(int slot, int source, int low, int high) {
      slots[slot] = slots[slot].withSrc(source).withImm(low);
      slots[slot + 1] = slots[slot + 1].withImm(high);
    }

    private void call(int slot, CodeSection code, long target) throws LinkException {
      CodeFunction callee =
          target >= 0 && target <= Integer.MAX_VALUE ? code.functions.get((int) target) : null;
      if (callee == null) {
        throw new LinkException(
            "no function begins at %s, which is called"
                .formatted(Place.of(code.section, target * Instruction.SIZE)));
      }
      calls.add(new ResolvedFunction.Call(slot, callee));
    }

    private CodeSection code(ElfSymbol symbol) throws LinkException {
      CodeSection code = sections.get(symbol.section());
      if (code == null) {
        throw new LinkException("'%s' is called and is no function".formatted(name(symbol)));
      }
      return code;
    }

    private String name(ElfSymbol symbol) {
      boolean named = !symbol.name().isEmpty() || symbol.section() >= elf.sections().size();
      return named ? symbol.name() : elf.sections().get(symbol.section()).name();
    }
  }

  private static boolean isCall(Instruction instruction) {
    return instruction.opcode() == (Opcode.JMP | Opcode.CALL);
  }
}
