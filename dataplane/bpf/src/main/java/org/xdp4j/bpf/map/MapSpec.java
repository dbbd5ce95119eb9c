package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.List;

/**
 * A map as an object file defines it, before it exists: what {@code bpf(BPF_MAP_CREATE)} is given.
 *
 * @param name as in the object: the variable's name, or the section's for {@code .data}, {@code
 *     .rodata} and {@code .bss}
 * @param typeId {@code enum bpf_map_type}, known or not
 * @param keySize bytes of a key
 * @param valueSize bytes of a value
 * @param maxEntries entries at the most
 * @param flags {@code BPF_F_*} of map creation
 * @param keyBtf BTF type id of the key in the object's BTF, 0 when unknown
 * @param valueBtf BTF type id of the value, 0 when unknown
 * @param inner for map-in-map: the template of its inner maps, else null
 * @param slots initial contents of a map-in-map or program array ({@code .values}); empty for
 *     others
 * @param data initial contents of a data section's only value, else null; {@code .bss} has none and
 *     starts as zeros
 * @param frozen whether user space may no longer write, so that {@code .rodata} is constant
 * @param pinning {@link #PIN_NONE}, {@link #PIN_BY_NAME} or {@link #PIN_BY_OBJECT}
 * @param extra {@code map_extra}: a bloom filter's hash functions in its low 4 bits, else 0
 * @param numaNode {@code numa_node}; means something with {@link #F_NUMA_NODE} only
 * @param problem why this map cannot be made, in a sentence, or null. A program that does not use
 *     the map is not affected
 * @param untypable whether only the types of its values are the problem: libbpf makes such a map
 *     without them, so that it harms no program but those that use it
 * @param fields the parts of values that only helpers touch
 */
public record MapSpec(
    String name,
    int typeId,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    int keyBtf,
    int valueBtf,
    MapSpec inner,
    List<Slot> slots,
    byte[] data,
    boolean frozen,
    int pinning,
    long extra,
    int numaNode,
    String problem,
    boolean untypable,
    List<SpecialField> fields)
    implements Serializable {

  // Map creation flags, BPF_F_* (linux/bpf.h).
  public static final int F_NO_PREALLOC = 1 << 0;
  public static final int F_NO_COMMON_LRU = 1 << 1;
  public static final int F_NUMA_NODE = 1 << 2;
  public static final int F_RDONLY = 1 << 3;
  public static final int F_WRONLY = 1 << 4;
  public static final int F_ZERO_SEED = 1 << 6;
  public static final int F_RDONLY_PROG = 1 << 7;
  public static final int F_WRONLY_PROG = 1 << 8;
  public static final int F_MMAPABLE = 1 << 10;
  public static final int F_INNER_MAP = 1 << 12;
  public static final int F_SEGV_ON_FAULT = 1 << 17;
  public static final int F_NO_USER_CONV = 1 << 18;

  // Values of pinning: LIBBPF_PIN_* (bpf_helpers.h), and what iproute2 has besides.
  public static final int PIN_NONE = 0;
  public static final int PIN_BY_NAME = 1;

  /** By the names of object and map (PIN_OBJECT_NS of iproute2's bpf_elf.h). */
  public static final int PIN_BY_OBJECT = 2;

  /** The flags that say who may read and write (BPF_F_ACCESS_MASK). */
  public static final int ACCESS_FLAGS = F_RDONLY | F_WRONLY | F_RDONLY_PROG | F_WRONLY_PROG;

  /**
   * One statically initialised slot.
   *
   * @param index the key
   * @param symbol the map or program it holds, by name
   */
  public record Slot(int index, String symbol) implements Serializable {}

  /** A plain map of the given shape. */
  public static MapSpec of(
      String name, MapType type, int keySize, int valueSize, int maxEntries, int flags) {
    return of(name, type.id(), keySize, valueSize, maxEntries, flags);
  }

  /** A plain map of the given shape, of a type that may be unknown. */
  public static MapSpec of(
      String name, int typeId, int keySize, int valueSize, int maxEntries, int flags) {
    Draft draft = new Draft();
    draft.name = name;
    draft.typeId = typeId;
    draft.keySize = keySize;
    draft.valueSize = valueSize;
    draft.maxEntries = maxEntries;
    draft.flags = flags;
    return draft.spec();
  }

  /** The same with another number of entries. */
  public MapSpec withMaxEntries(int entries) {
    Draft draft = new Draft(this);
    draft.maxEntries = entries;
    return draft.spec();
  }

  /** The same with the shape that a map made from {@code other} has. */
  public MapSpec withShapeOf(MapSpec other) {
    Draft draft = new Draft(this);
    draft.typeId = other.typeId;
    draft.keySize = other.keySize;
    draft.valueSize = other.valueSize;
    draft.maxEntries = other.maxEntries;
    draft.flags = other.flags;
    draft.inner = other.inner;
    draft.extra = other.extra;
    draft.numaNode = other.numaNode;
    draft.fields = other.fields;
    return draft.spec();
  }

  /** The same with keys and values of types of the object's BTF, 0 for unknown. */
  public MapSpec withBtf(int key, int value) {
    Draft draft = new Draft(this);
    draft.keyBtf = key;
    draft.valueBtf = value;
    return draft.spec();
  }

  /** The same with this template of inner maps. */
  public MapSpec withInner(MapSpec template) {
    Draft draft = new Draft(this);
    draft.inner = template;
    return draft.spec();
  }

  /** The same with these slots set initially. */
  public MapSpec withSlots(List<Slot> initial) {
    Draft draft = new Draft(this);
    draft.slots = List.copyOf(initial);
    return draft.spec();
  }

  /** The same with other initial contents. */
  public MapSpec withData(byte[] contents) {
    Draft draft = new Draft(this);
    draft.data = contents;
    return draft.spec();
  }

  /** The same, written by user space no more once it has its initial contents. */
  public MapSpec withFrozen(boolean constant) {
    Draft draft = new Draft(this);
    draft.frozen = constant;
    return draft.spec();
  }

  /** The same with another way of {@link #pinning}. */
  public MapSpec withPinning(int way) {
    Draft draft = new Draft(this);
    draft.pinning = way;
    return draft.spec();
  }

  /** The same with other {@code map_extra}. */
  public MapSpec withExtra(long value) {
    Draft draft = new Draft(this);
    draft.extra = value;
    return draft.spec();
  }

  /** The same on another NUMA node. */
  public MapSpec withNumaNode(int node) {
    Draft draft = new Draft(this);
    draft.numaNode = node;
    return draft.spec();
  }

  /** The same with a reason why it cannot be made, or without one when null. */
  public MapSpec withProblem(String reason) {
    Draft draft = new Draft(this);
    draft.problem = reason;
    return draft.spec();
  }

  /** The same, whose problem, if it has one, is with the types of its values or not only that. */
  public MapSpec withUntypable(boolean ofTypes) {
    Draft draft = new Draft(this);
    draft.untypable = ofTypes;
    return draft.spec();
  }

  /** The same with these parts of values that only helpers touch. */
  public MapSpec withFields(List<SpecialField> special) {
    Draft draft = new Draft(this);
    draft.fields = List.copyOf(special);
    return draft.spec();
  }

  /** Where the only field of this kind lies in a value, or -1. */
  public int offsetOf(SpecialField.Kind kind) {
    for (SpecialField field : fields) {
      if (field.kind() == kind) {
        return field.offset();
      }
    }
    return -1;
  }

  /** The type, or null when Linux has none of this number. */
  public MapType type() {
    return MapType.of(typeId).orElse(null);
  }

  /** A definition while it is put together. */
  private static final class Draft {
    private String name;
    private int typeId;
    private int keySize;
    private int valueSize;
    private int maxEntries;
    private int flags;
    private int keyBtf;
    private int valueBtf;
    private MapSpec inner;
    private List<Slot> slots = List.of();
    private byte[] data;
    private boolean frozen;
    private int pinning;
    private long extra;
    private int numaNode;
    private String problem;
    private boolean untypable;
    private List<SpecialField> fields = List.of();

    Draft() {}

    Draft(MapSpec from) {
      name = from.name;
      typeId = from.typeId;
      keySize = from.keySize;
      valueSize = from.valueSize;
      maxEntries = from.maxEntries;
      flags = from.flags;
      keyBtf = from.keyBtf;
      valueBtf = from.valueBtf;
      inner = from.inner;
      slots = from.slots;
      data = from.data;
      frozen = from.frozen;
      pinning = from.pinning;
      extra = from.extra;
      numaNode = from.numaNode;
      problem = from.problem;
      untypable = from.untypable;
      fields = from.fields;
    }

    MapSpec spec() {
      return new MapSpec(
          name,
          typeId,
          keySize,
          valueSize,
          maxEntries,
          flags,
          keyBtf,
          valueBtf,
          inner,
          slots,
          data,
          frozen,
          pinning,
          extra,
          numaNode,
          problem,
          untypable,
          fields);
    }
  }
}
