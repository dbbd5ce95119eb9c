package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.isa.Instruction;

/** A section of instructions, with what the file says of them. */
final class CodeSection {
  final ElfSection section;
  final Instruction[] instructions;

  /** Ascending by slot. */
  final List<LineInfo> lines;

  /** By slot. */
  final Map<Integer, ElfRelocation> relocations;

  /** Ascending by offset. */
  final List<BtfExt.CoreRelocation> coreRelocations;

  /** Its functions by their first slots. */
  final Map<Integer, CodeFunction> functions = new HashMap<>();

  /** Its entry points: each function another object could call. */
  final List<Entry> entries = new ArrayList<>();

  /** A name by which a function can be called from outside. */
  record Entry(String name, CodeFunction function) {}

  CodeSection(
      ElfSection section,
      Instruction[] instructions,
      List<LineInfo> lines,
      Map<Integer, ElfRelocation> relocations,
      List<BtfExt.CoreRelocation> coreRelocations) {
    this.section = section;
    this.instructions = instructions;
    this.lines = lines;
    this.relocations = relocations;
    this.coreRelocations = coreRelocations;
  }
}
