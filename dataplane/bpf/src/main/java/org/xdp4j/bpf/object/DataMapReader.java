package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/**
 * Global variables: {@code .data}, {@code .rodata}, {@code .bss} and their named variants are each
 * an array map with one value, the section.
 */
final class DataMapReader {
  private DataMapReader() {}

  static void read(ElfFile elf, ObjectTypes types, MapTable maps) {
    for (ElfSection section : elf.sections()) {
      if (section.size() > 0 && isData(section)) {
        maps.addData(section.index(), spec(section, types));
      }
    }
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
