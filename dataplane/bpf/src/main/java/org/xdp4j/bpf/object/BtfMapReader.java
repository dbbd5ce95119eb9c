package org.xdp4j.bpf.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;

/** Reads the {@code .maps} section: maps that are variables of a type that describes them. */
final class BtfMapReader {
  private final ElfFile elf;
  private final ObjectTypes types;
  private final Btf btf;
  private final ElfSection section;
  private final Map<Long, String> names = new HashMap<>();

  /** Every symbol's name by its place; made when it is first needed, which is rare. */
  private Map<Position, String> locals;

  private record Position(int section, long offset) {}

  private BtfMapReader(ElfFile elf, ObjectTypes types, ElfSection section) {
    this.elf = elf;
    this.types = types;
    this.btf = types.btf();
    this.section = section;
    for (ElfSymbol symbol : elf.symbols()) {
      if (symbol.section() == section.index() && !symbol.isSection()) {
        names.putIfAbsent(symbol.value(), symbol.name());
      }
    }
  }

  /** Adds the maps of {@code .maps}, if there is one, to {@code maps}. */
  static void read(ElfFile elf, ObjectTypes types, MapTable maps) {
    ElfSection section = elf.section(MapTable.BTF_MAPS);
    if (section == null) {
      return;
    }
    BtfMapReader reader = new BtfMapReader(elf, types, section);
    int datasec = types.btf().find(BtfType.Datasec.class, MapTable.BTF_MAPS);
    if (datasec == 0) {
      reader.addUndescribed(maps);
      return;
    }
    List<BtfType.Secinfo> variables = ((BtfType.Datasec) types.btf().type(datasec)).variables();
    for (int i = 0; i < variables.size(); i++) {
      long end =
          i + 1 < variables.size()
              ? Integer.toUnsignedLong(variables.get(i + 1).offset())
              : section.size();
      maps.add(reader.map(variables.get(i), end));
    }
  }

  /** Without BTF there is nothing to know of a map but that it is one. */
  private void addUndescribed(MapTable maps) {
    List<Long> offsets = new ArrayList<>(names.keySet());
    offsets.sort(null);
    for (long offset : offsets) {
      MapSpecBuilder builder = new MapSpecBuilder(names.get(offset));
      builder.fail(
          Place.of(section, offset)
              + ": map '%s' is described by BTF only, and there is none for it: compile with -g"
                  .formatted(names.get(offset)));
      maps.add(new PlacedMap(builder.build(), section.index(), offset));
    }
  }

  private PlacedMap map(BtfType.Secinfo info, long end) {
    long offset = Integer.toUnsignedLong(info.offset());
    BtfType variable = btf.type(info.type());
    MapSpecBuilder builder = new MapSpecBuilder(variable.name());
    try {
      if (!(variable instanceof BtfType.Var var)
          || !(btf.resolve(var.type()) instanceof BtfType.Struct definition)) {
        throw new LinkException("it is not a struct");
      }
      if (offset >= section.size()) {
        throw new LinkException("it lies outside of its section");
      }
      new MapDefinitionReader(types).read(definition, builder, true);
      readSlots(definition, builder, offset, end);
    } catch (LinkException e) {
      builder.fail(
          "%s: map '%s': %s".formatted(Place.of(section, offset), variable.name(), e.getMessage()));
    }
    return new PlacedMap(builder.build(), section.index(), offset);
  }

  /** The relocations within {@code values} say what its slots hold. */
  private void readSlots(BtfType.Struct definition, MapSpecBuilder builder, long offset, long end)
      throws LinkException {
    long values = -1;
    for (BtfType.Member member : definition.members()) {
      if (member.name().equals(MapDefinitionReader.VALUES)) {
        values = offset + member.bitOffset() / Byte.SIZE;
      }
    }
    List<ElfRelocation> relocations = elf.relocations(section);
    for (int i = Ascending.firstFrom(relocations, offset, ElfRelocation::offset);
        i < relocations.size();
        i++) {
      ElfRelocation relocation = relocations.get(i);
      if (relocation.offset() >= end) {
        return;
      }
      long at = relocation.offset() - values;
      if (values < 0 || at < 0 || at % Long.BYTES != 0) {
        throw new LinkException(
            "offset 0x%x is relocated, and is no slot of 'values'".formatted(relocation.offset()));
      }
      builder.slots.add(new MapSpec.Slot((int) (at / Long.BYTES), target(relocation)));
    }
  }

  /** The map or program a slot is initialised with, by name. */
  private String target(ElfRelocation relocation) throws LinkException {
    ElfSymbol symbol = relocation.symbol();
    if (symbol.isExtern()) {
      throw new LinkException(
          "a slot holds '%s', which this object does not define".formatted(symbol.name()));
    }
    if (!symbol.isSection()) {
      return symbol.name();
    }
    // What is static is named by its section and the offset that stands in the slot.
    ByteBuffer bytes = section.bytes();
    long offset =
        relocation.offset() <= bytes.limit() - Long.BYTES ? bytes.getLong(relocation.offset()) : 0;
    if (locals == null) {
      locals = new HashMap<>();
      for (ElfSymbol candidate : elf.symbols()) {
        if (!candidate.isSection() && !candidate.name().isEmpty()) {
          locals.putIfAbsent(
              new Position(candidate.section(), candidate.value()), candidate.name());
        }
      }
    }
    String found = locals.get(new Position(symbol.section(), offset));
    if (found == null) {
      throw new LinkException(
          "the slot at offset 0x%x holds neither a map nor a program"
              .formatted(relocation.offset()));
    }
    return found;
  }
}
