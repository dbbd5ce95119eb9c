package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/**
 * Global variables: {@code .data}, {@code .rodata}, {@code .bss} and their named variants are each
 * an array map with one value, the section. Those of an arena ({@code .addr_space.1}) are what it
 * begins with, where libbpf 1.6 puts them.
 */
final class DataMapReader {
  /** Where clang puts variables of the address space of arenas. */
  private static final String ARENA = ".addr_space.1";

  private DataMapReader() {}

  static void read(ElfFile elf, ObjectTypes types, MapTable maps) {
    for (ElfSection section : elf.sections()) {
      if (section.size() > 0 && section.name().equals(ARENA)) {
        placeInArena(section, types, maps);
      } else if (section.size() > 0 && isData(section)) {
        maps.addData(section.index(), spec(section, types));
      }
    }
  }

  private static void placeInArena(ElfSection section, ObjectTypes types, MapTable maps) {
    int arena = maps.arena();
    MapSpec variables = spec(section, types);
    if (arena == MapTable.NONE) {
      String problem = ": variables of an arena, but not one arena to put them into";
      maps.addData(section.index(), variables.withProblem(Place.of(section, 0) + problem));
      return;
    }
    byte[] data =
        variables.data() != null || variables.problem() != null
            ? variables.data()
            : new byte[variables.valueSize()];
    int datasec = types.btf().find(BtfType.Datasec.class, section.name());
    MapSpec placed = maps.specs().get(arena).withBtf(0, datasec).withData(data);
    boolean broken = variables.problem() != null;
    maps.place(section.index(), arena, broken ? placed.withProblem(variables.problem()) : placed);
  }

  private static boolean isData(ElfSection section) {
    return switch (section.type()) {
      case ElfSection.PROGBITS ->
          !section.isCode() && (is(section, ".data") || is(section, ".rodata"));
      case ElfSection.NOBITS -> is(section, ".bss");
      default -> false;
    };
  }

  private static boolean is(ElfSection section, String name) {
    return section.name().equals(name) || section.name().startsWith(name + ".");
  }

  private static MapSpec spec(ElfSection section, ObjectTypes types) {
    boolean constant = is(section, ".rodata");
    byte[] data = null;
    if (section.type() == ElfSection.PROGBITS) {
      data = new byte[section.bytes().limit()];
      section.bytes().get(0, data);
    }
    boolean fits = section.size() <= Integer.MAX_VALUE;
    int type = types.btf().find(BtfType.Datasec.class, section.name());
    return MapSpec.of(
            section.name(),
            MapType.ARRAY,
            Integer.BYTES,
            fits ? (int) section.size() : 0,
            1,
            constant ? MapSpec.F_RDONLY_PROG : 0)
        .withBtf(0, type)
        .withData(data)
        .withFrozen(constant)
        .withProblem(fits ? null : Place.of(section, 0) + ": variables of more than 2 GiB")
        .withFields(constant ? List.of() : fields(types, type));
  }

  /** As in Linux, variables whose special fields are not in order are plain memory. */
  private static List<SpecialField> fields(ObjectTypes types, int section) {
    try {
      return SpecialFields.ofValue(types, section);
    } catch (LinkException e) {
      return List.of();
    }
  }
}
