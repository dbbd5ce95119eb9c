package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.xdp4j.bpf.generate.AllocationWriter;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.WildGenerator;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/** Generated programs with the types of their functions, every second one mutated. */
final class WildPrograms {
  private static final Map<String, Prototypes> TYPES = new ConcurrentHashMap<>();

  private WildPrograms() {}

  /** The program of this number; an odd one is a mutation of the one before. */
  static BpfProgram program(long number) {
    BpfProgram program = typed(WildGenerator.generate(number / 2));
    return number % 2 == 0 ? program : new Mutation(new Random(number)).apply(program);
  }

  /** The types of a program's functions as the kernel is given them. */
  static byte[] btf(BpfProgram program) {
    return prototypes(program.subprograms()).bytes();
  }

  private static BpfProgram typed(GeneratedProgram generated) {
    Prototypes prototypes = prototypes(generated.subprograms());
    List<Subprogram> functions = new ArrayList<>();
    for (Subprogram function : generated.subprograms()) {
      int btf = prototypes.functions().get(functions.size()).btfFunc();
      functions.add(
          new Subprogram(
              function.name(), function.start(), function.end(), function.global(), btf));
    }
    return new BpfProgram(
        "wild_" + generated.seed(),
        "xdp",
        ProgramType.XDP,
        false,
        generated.instructions(),
        functions,
        List.of(),
        true,
        null,
        prototypes.btf());
  }

  private static Prototypes prototypes(List<Subprogram> functions) {
    StringBuilder text = new StringBuilder("main: global int (struct xdp_md:24 *)");
    for (Subprogram function : functions.subList(1, functions.size())) {
      String scope = function.global() ? "global" : "static";
      text.append("\n%s: %s int (long)".formatted(function.name(), scope));
    }
    return TYPES.computeIfAbsent(text.toString(), WildPrograms::types);
  }

  private static Prototypes types(String functions) {
    Prototypes types = new Prototypes(AllocationWriter.TYPES, functions);
    boolean known =
        types.id("struct item") == AllocationWriter.ITEM
            && types.id("struct shelf") == AllocationWriter.SHELF;
    if (!known) {
      throw new IllegalStateException("the structs of generated programs have other ids");
    }
    return types;
  }
}
