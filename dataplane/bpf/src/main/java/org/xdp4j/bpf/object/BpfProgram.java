package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.ProgramKind;

/**
 * A program of an object file, linked: its subprograms stand behind it, calls are relative, and
 * each LDDW of a map has src {@code PSEUDO_MAP_IDX} or {@code PSEUDO_MAP_IDX_VALUE} with the map's
 * index in {@link BpfObject#maps} as immediate (the second slot's immediate is the offset into the
 * value).
 *
 * @param name the function's name
 * @param section the section it stands in
 * @param type what its section says it is
 * @param frags whether it is an {@code xdp.frags} program
 * @param instructions slots, the program itself first
 * @param subprograms the program itself first, then those it calls, in instruction order
 * @param lines ascending by instruction; empty without {@code .BTF.ext}
 * @param gplCompatible whether the object's licence lets it call GPL-only helpers
 * @param problem why it cannot be loaded (a relocation, an extern), in one sentence; or null
 * @param btf the object's types, which {@link Subprogram#btfFunc} leads into; empty when it has
 *     none
 * @param kernel the types of the kernel that CO-RE relocations mean, which are the object's own
 *     where no others were given
 */
public record BpfProgram(
    String name,
    String section,
    ProgramType type,
    boolean frags,
    List<Instruction> instructions,
    List<Subprogram> subprograms,
    List<LineInfo> lines,
    boolean gplCompatible,
    String problem,
    Btf btf,
    Btf kernel) {

  /** What {@link #exceptionCallbackName} answers when there are several. */
  public static final String SEVERAL_CALLBACKS = ":";

  /** A program of an object without types. */
  public BpfProgram(
      String name,
      String section,
      ProgramType type,
      boolean frags,
      List<Instruction> instructions,
      List<Subprogram> subprograms,
      List<LineInfo> lines,
      boolean gplCompatible,
      String problem) {
    this(
        name,
        section,
        type,
        frags,
        instructions,
        subprograms,
        lines,
        gplCompatible,
        problem,
        Btf.EMPTY);
  }

  /** A program for no kernel in particular. */
  public BpfProgram(
      String name,
      String section,
      ProgramType type,
      boolean frags,
      List<Instruction> instructions,
      List<Subprogram> subprograms,
      List<LineInfo> lines,
      boolean gplCompatible,
      String problem,
      Btf btf) {
    this(
        name,
        section,
        type,
        frags,
        instructions,
        subprograms,
        lines,
        gplCompatible,
        problem,
        btf,
        btf);
  }

  /** A lone program of XDP type without names or lines, for tests and tools. */
  public static BpfProgram of(List<Instruction> instructions) {
    return new BpfProgram(
        "program",
        "xdp",
        ProgramType.XDP,
        false,
        List.copyOf(instructions),
        List.of(new Subprogram("program", 0, instructions.size(), false, 0)),
        List.of(),
        true,
        null);
  }

  /**
   * What maps that programs stand in know of it.
   *
   * @throws IllegalStateException for a program that is not XDP
   */
  public ProgramKind kind() {
    return new ProgramKind(
        frags,
        switch (type) {
          case XDP -> "";
          case XDP_DEVMAP -> "devmap";
          case XDP_CPUMAP -> "cpumap";
          case EXTENSION, OTHER -> throw new IllegalStateException(name + " runs by nothing");
        });
  }

  /**
   * Whether it is loaded without being named, as libbpf does but for sections like {@code ?xdp}.
   */
  public boolean autoloads() {
    return !section.startsWith("?");
  }

  /** The source line that instruction {@code index} comes from, or null. */
  public LineInfo lineOf(int index) {
    int low = 0;
    int high = lines.size() - 1;
    LineInfo found = null;
    while (low <= high) {
      int middle = low + high >>> 1;
      LineInfo line = lines.get(middle);
      if (line.instruction() <= index) {
        found = line;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  }

  /**
   * The name of the function that exceptions end in; null when they end the program as they are.
   */
  public String exceptionCallbackName() {
    return subprograms.isEmpty()
        ? null
        : ExceptionCallback.nameOf(btf, subprograms.getFirst().btfFunc());
  }

  /** Where the function that exceptions end in starts; -1 when there is none. */
  public int exceptionCallback() {
    String name = exceptionCallbackName();
    for (Subprogram subprogram : subprograms) {
      if (subprogram.start() > 0 && subprogram.name().equals(name)) {
        return subprogram.start();
      }
    }
    return -1;
  }

  /** The function of this name, the program's own entry among them; null when there is none. */
  public Subprogram function(String name) {
    return subprograms.stream().filter(part -> part.name().equals(name)).findFirst().orElse(null);
  }

  /** A copy with other instructions, as many as it has. */
  public BpfProgram withInstructions(List<Instruction> others) {
    return new BpfProgram(
        name,
        section,
        type,
        frags,
        others,
        subprograms,
        lines,
        gplCompatible,
        problem,
        btf,
        kernel);
  }

  /** A copy taken for a program of type {@code newType}, whatever its section says. */
  public BpfProgram withType(ProgramType newType) {
    return new BpfProgram(
        name,
        section,
        newType,
        frags,
        instructions,
        subprograms,
        lines,
        gplCompatible,
        problem,
        btf,
        kernel);
  }
}
