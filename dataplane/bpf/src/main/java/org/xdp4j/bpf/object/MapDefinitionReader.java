package org.xdp4j.bpf.object;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapType;

/**
 * Reads the struct that defines a map as libbpf's {@code bpf_helpers.h} writes it: {@code
 * __uint(name, n)} is a pointer to an array of {@code n}, {@code __type(name, t)} a pointer to
 * {@code t}, {@code __array(name, t)} an array of pointers to {@code t}, {@code __ulong(name, n)}
 * an enum whose only value is {@code n}.
 */
final class MapDefinitionReader {
  /** The member that describes, and by relocations fills, the slots of a map. */
  static final String VALUES = "values";

  private final ObjectTypes types;
  private final Btf btf;

  MapDefinitionReader(ObjectTypes types) {
    this.types = types;
    this.btf = types.btf();
  }

  /**
   * Reads {@code definition} into {@code map}.
   *
   * @param outer whether it may hold maps itself
   */
  void read(BtfType.Struct definition, MapSpecBuilder map, boolean outer) throws LinkException {
    for (BtfType.Member member : definition.members()) {
      readMember(member, map, outer);
    }
    if (map.typeId == 0) {
      throw new LinkException("it has no type");
    }
    settleSizes(map);
    if (isOfEvents(map)) {
      return;
    }
    try {
      map.fields = SpecialFields.ofValue(types, map.valueBtf);
    } catch (LinkException e) {
      map.untypable = true;
      throw e;
    }
  }

  private static boolean isOfEvents(MapSpecBuilder map) {
    return map.typeId == MapType.PERF_EVENT_ARRAY.id() || map.typeId == MapType.RINGBUF.id();
  }

  /**
   * Sizes that are always the same may be left out, and the type of events may stand where that of
   * values does, as cilium/ebpf has it (map.go, fixupMagicFields; elf_reader.go). libbpf refuses
   * such maps, and where it does not nothing changes.
   */
  private void settleSizes(MapSpecBuilder map) {
    boolean typed = map.valueBtf != 0;
    if (map.typeId == MapType.RINGBUF.id() && typed) {
      map.valueSize = 0;
    } else if (map.typeId == MapType.PERF_EVENT_ARRAY.id()) {
      map.keySize = map.keySize == 0 ? Integer.BYTES : map.keySize;
      boolean number = !(btf.resolve(map.valueBtf) instanceof BtfType.Composite);
      map.valueSize = typed || map.valueSize == 0 ? Integer.BYTES : map.valueSize;
      map.valueBtf = number ? 0 : map.valueBtf;
    } else if (isOuter(map) && map.valueSize == 0) {
      map.valueSize = Integer.BYTES;
    }
  }

  private static boolean isOuter(MapSpecBuilder map) {
    return map.typeId == MapType.ARRAY_OF_MAPS.id() || map.typeId == MapType.HASH_OF_MAPS.id();
  }

  private void readMember(BtfType.Member member, MapSpecBuilder map, boolean outer)
      throws LinkException {
    switch (member.name()) {
      case "type" -> map.typeId = count(member);
      case "max_entries" -> map.maxEntries = count(member);
      case "map_flags" -> map.flags = (int) number(member);
      case "numa_node" -> map.numaNode = (int) number(member);
      case "map_extra" -> map.extra = number(member);
      case "pinning" -> map.pinning = pinning(member, outer);
      case "key_size" -> map.keySize = agreed("key", map.keySize, count(member));
      case "value_size" -> map.valueSize = agreed("value", map.valueSize, count(member));
      case "key" -> {
        map.keyBtf = pointee(member);
        map.keySize = agreed("key", map.keySize, sized(member, map.keyBtf));
      }
      case "value" -> {
        map.valueBtf = pointee(member);
        map.valueSize = agreed("value", map.valueSize, sized(member, map.valueBtf));
      }
      case VALUES -> readValues(member, map, outer);
      default -> throw new LinkException("it has an unknown field '" + member.name() + "'");
    }
  }

  private void readValues(BtfType.Member member, MapSpecBuilder map, boolean outer)
      throws LinkException {
    if (!(btf.resolve(member.type()) instanceof BtfType.Array array)
        || !(btf.resolve(array.type()) instanceof BtfType.Ptr pointer)) {
      throw new LinkException("its 'values' is no array of pointers");
    }
    map.valueSize = agreed("value", map.valueSize, Integer.BYTES);
    if (map.typeId == MapType.PROG_ARRAY.id()) {
      return;
    }
    if (!outer
        || map.typeId != MapType.ARRAY_OF_MAPS.id() && map.typeId != MapType.HASH_OF_MAPS.id()) {
      throw new LinkException("it has 'values', which maps of its type do not take");
    }
    if (!(btf.resolve(pointer.type()) instanceof BtfType.Struct definition)) {
      throw new LinkException("its 'values' do not point to a map definition");
    }
    MapSpecBuilder inner = new MapSpecBuilder(map.name + ".inner");
    read(definition, inner, false);
    map.inner = inner.build();
  }

  private int pinning(BtfType.Member member, boolean outer) throws LinkException {
    long pinning = number(member);
    if (pinning < 0 || pinning > 1 || pinning != 0 && !outer) {
      throw new LinkException("it has an impossible 'pinning' of " + pinning);
    }
    return (int) pinning;
  }

  private static int agreed(String what, int known, int size) throws LinkException {
    if (known != 0 && known != size) {
      throw new LinkException("its %s has %d bytes and %d".formatted(what, known, size));
    }
    return size;
  }

  private int pointee(BtfType.Member member) throws LinkException {
    if (btf.resolve(member.type()) instanceof BtfType.Ptr pointer) {
      return pointer.type();
    }
    throw new LinkException("its '%s' is no pointer".formatted(member.name()));
  }

  private int sized(BtfType.Member member, int type) throws LinkException {
    int size = btf.sizeOf(type);
    if (size < 0) {
      throw new LinkException("its '%s' has no size".formatted(member.name()));
    }
    return size;
  }

  /** A number of 32 bits, unsigned, as an int. */
  private int count(BtfType.Member member) throws LinkException {
    long number = number(member);
    if (number != (number & 0xffff_ffffL)) {
      throw new LinkException("its '%s' of %d is too large".formatted(member.name(), number));
    }
    return (int) number;
  }

  private long number(BtfType.Member member) throws LinkException {
    BtfType type = btf.resolve(member.type());
    if (type instanceof BtfType.Ptr pointer
        && btf.resolve(pointer.type()) instanceof BtfType.Array array) {
      return array.count();
    }
    if (type instanceof BtfType.Enum number && number.values().size() == 1) {
      return number.values().getFirst().value();
    }
    throw new LinkException("its '%s' is no number".formatted(member.name()));
  }
}
