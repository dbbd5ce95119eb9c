package org.xdp4j.bpf.btf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The types of an object, by id. Every reference in them leads to a type, none contains itself by
 * value, and nesting by value is at most {@link #MAX_NESTING} deep, so that following them ends.
 */
public final class Btf {
  /** How deep types may nest by value: members, elements, typedefs and qualifiers. */
  public static final int MAX_NESTING = 128;

  /** Added to a size that is kept, so that 0 means none is. */
  private static final int FOUND = 2;

  /** No types at all. */
  public static final Btf EMPTY = new Btf(List.of(BtfType.VOID), null, null);

  private final List<BtfType> types;

  /** The section's strings, which {@code .BTF.ext} refers to; null when there are none. */
  private final StringTable strings;

  private final String flaw;

  private Map<String, List<Integer>> byName;

  /** What {@link #strip} and {@link #sizeOf} found, each by id; 0 where they were not asked yet. */
  private final int[] stripped;

  private final int[] sizes;

  Btf(List<BtfType> types, StringTable strings, String flaw) {
    this.types = types;
    this.strings = strings;
    this.flaw = flaw;
    this.stripped = new int[types.size()];
    this.sizes = new int[types.size()];
  }

  /** The string at {@code offset}, or null when there is none. */
  String string(int offset) {
    return strings == null ? null : strings.at(offset);
  }

  /**
   * Reads a {@code .BTF} section.
   *
   * @throws BtfException saying what is wrong at which offset
   */
  public static Btf parse(ByteBuffer section) throws BtfException {
    return BtfReader.read(section, true);
  }

  /**
   * The same as libbpf 1.1 has it, which looks at the layout only: compilers write types that mean
   * nothing, and what needs no types is loaded for all that. References that lead nowhere are left
   * out, {@link #flaw} tells of the first.
   *
   * @throws BtfException saying what is wrong with the layout at which offset
   */
  public static Btf parseLeniently(ByteBuffer section) throws BtfException {
    return BtfReader.read(section, false);
  }

  /** What no kernel takes of the section that these types were read from, a clause; or null. */
  public String flaw() {
    return flaw;
  }

  /** The number of types, {@code void} among them: ids are below it. */
  public int count() {
    return types.size();
  }

  /** Whether there is a type of this id. */
  public boolean contains(int id) {
    return id >= 0 && id < types.size();
  }

  /**
   * The type of this id; {@code void} for 0.
   *
   * @throws IndexOutOfBoundsException when there is none; ids found in these types always lead to
   *     one
   */
  public BtfType type(int id) {
    return types.get(id);
  }

  /** The id of what is left of {@code id} without typedefs, qualifiers and type tags. */
  public int strip(int id) {
    int known = stripped[id];
    if (known == 0 && id != 0) {
      known = types.get(id) instanceof BtfType.Modifier modifier ? strip(modifier.type()) : id;
      stripped[id] = known;
    }
    return known;
  }

  /** The type of {@code id} without typedefs, qualifiers and type tags. */
  public BtfType resolve(int id) {
    return types.get(strip(id));
  }

  /** Bytes of a value of this type; -1 when it has no size, or one above 2 GiB. */
  public int sizeOf(int id) {
    int bare = strip(id);
    if (sizes[bare] == 0) {
      sizes[bare] = measure(types.get(bare)) + FOUND;
    }
    return sizes[bare] - FOUND;
  }

  private int measure(BtfType type) {
    return switch (type) {
      case BtfType.Int t -> t.size();
      case BtfType.Ptr t -> Long.BYTES;
      case BtfType.Composite t -> t.size();
      case BtfType.Enum t -> t.size();
      case BtfType.Float t -> t.size();
      case BtfType.Datasec t -> t.size();
      case BtfType.Var t -> sizeOf(t.type());
      case BtfType.Array t -> arraySize(t);
      default -> -1;
    };
  }

  private int arraySize(BtfType.Array array) {
    int element = sizeOf(array.type());
    if (element < 0) {
      return -1;
    }
    long size = element * array.count();
    return size <= Integer.MAX_VALUE - FOUND ? (int) size : -1;
  }

  /** The ids of the types with this name, ascending. */
  public synchronized List<Integer> named(String name) {
    if (byName == null) {
      byName = new HashMap<>();
      for (int id = 1; id < types.size(); id++) {
        String own = types.get(id).name();
        if (!own.isEmpty()) {
          byName.computeIfAbsent(own, n -> new ArrayList<>(1)).add(id);
        }
      }
    }
    return Collections.unmodifiableList(byName.getOrDefault(name, List.of()));
  }

  /** The id of the first type of this kind and name, 0 when there is none. */
  public int find(Class<? extends BtfType> kind, String name) {
    for (int id : named(name)) {
      if (kind.isInstance(types.get(id))) {
        return id;
      }
    }
    return 0;
  }

  /** The prototype of the {@link BtfType.Func} of this id, or null when it is none. */
  public BtfType.FuncProto prototype(int func) {
    return contains(func)
            && types.get(func) instanceof BtfType.Func f
            && types.get(f.type()) instanceof BtfType.FuncProto proto
        ? proto
        : null;
  }

  /** A copy in which these types stand for those that had their ids. */
  public Btf replacing(Map<Integer, ? extends BtfType> replacements) {
    if (replacements.isEmpty()) {
      return this;
    }
    List<BtfType> copy = new ArrayList<>(types);
    replacements.forEach(copy::set);
    return new Btf(Collections.unmodifiableList(copy), null, flaw);
  }
}
