package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A part of a map's values, or of an object that a program allocates, that only helpers and kernel
 * functions touch: programs neither load nor store there, updates leave it out, and user space sees
 * zeros.
 *
 * @param offset bytes from the value's beginning
 * @param target for a pointer: the struct it leads to; for a list's head or a tree's root: the
 *     struct of its nodes; else null
 * @param nodeOffset for a head or a root: where in {@code target} the node lies, else 0
 */
public record SpecialField(Kind kind, int offset, ObjectType target, int nodeOffset)
    implements Serializable {

  /** A field that leads nowhere. */
  public SpecialField(Kind kind, int offset) {
    this(kind, offset, null, 0);
  }

  /** What it is: {@code enum btf_field_type} (linux/bpf.h), by the name of its struct. */
  public enum Kind {
    /** {@code struct bpf_timer}. */
    TIMER("bpf_timer", 16, 8),
    /** {@code struct bpf_spin_lock}. */
    SPIN_LOCK("bpf_spin_lock", 4, 4),
    /** {@code struct bpf_res_spin_lock}. */
    RES_SPIN_LOCK("bpf_res_spin_lock", 4, 4),
    /** {@code struct bpf_wq}. */
    WORK_QUEUE("bpf_wq", 16, 8),
    /** {@code struct bpf_list_head}. */
    LIST_HEAD("bpf_list_head", 16, 8),
    /** {@code struct bpf_list_node}. */
    LIST_NODE("bpf_list_node", 24, 8),
    /** {@code struct bpf_rb_root}. */
    RB_ROOT("bpf_rb_root", 16, 8),
    /** {@code struct bpf_rb_node}. */
    RB_NODE("bpf_rb_node", 32, 8),
    /** {@code struct bpf_refcount}. */
    REFCOUNT("bpf_refcount", 4, 4),
    /** A pointer tagged {@code __kptr}: to an object that the value owns. */
    KPTR("__kptr", 8, 8),
    /** A pointer tagged {@code __kptr_untrusted}: to an object it does not own. */
    KPTR_UNTRUSTED("__kptr_untrusted", 8, 8),
    /** A pointer tagged {@code __percpu_kptr}: to an object of each CPU that the value owns. */
    KPTR_PERCPU("__percpu_kptr", 8, 8);

    private final String struct;
    private final int size;
    private final int alignment;

    Kind(String struct, int size, int alignment) {
      this.struct = struct;
      this.size = size;
      this.alignment = alignment;
    }

    /** What its offset is a multiple of. */
    public int alignment() {
      return alignment;
    }

    /** Whether a value may have several. */
    public boolean isRepeatable() {
      return isPointer() || isRoot() || isNode();
    }

    /** Whether it is a pointer. */
    public boolean isPointer() {
      return this == KPTR || this == KPTR_UNTRUSTED || this == KPTR_PERCPU;
    }

    /** Whether it is a pointer to what the value owns. */
    public boolean isOwningPointer() {
      return this == KPTR || this == KPTR_PERCPU;
    }

    /** Whether it holds a list or a tree. */
    public boolean isRoot() {
      return this == LIST_HEAD || this == RB_ROOT;
    }

    /** Whether by it an object can be in a list or a tree. */
    public boolean isNode() {
      return this == LIST_NODE || this == RB_NODE;
    }

    /** Whether it is a lock. */
    public boolean isLock() {
      return this == SPIN_LOCK || this == RES_SPIN_LOCK;
    }

    /** Whether it holds objects that are freed with the value. */
    public boolean ownsObjects() {
      return isRoot() || isOwningPointer();
    }

    /** The types of maps whose values may have it (kernel: map_check_btf). */
    Set<MapType> mapTypes() {
      return switch (this) {
        case SPIN_LOCK, RES_SPIN_LOCK -> EnumSet.of(MapType.HASH, MapType.ARRAY);
        case TIMER, WORK_QUEUE, LIST_HEAD, RB_ROOT ->
            EnumSet.of(MapType.HASH, MapType.LRU_HASH, MapType.ARRAY);
        case LIST_NODE, RB_NODE -> EnumSet.allOf(MapType.class);
        case REFCOUNT, KPTR, KPTR_UNTRUSTED, KPTR_PERCPU ->
            EnumSet.of(
                MapType.HASH,
                MapType.PERCPU_HASH,
                MapType.LRU_HASH,
                MapType.LRU_PERCPU_HASH,
                MapType.ARRAY,
                MapType.PERCPU_ARRAY);
      };
    }

    /** The struct's name; for a pointer its tag. */
    public String struct() {
      return struct;
    }

    /** How messages call it. */
    public String text() {
      return isPointer() ? "a " + struct + " pointer" : "a struct " + struct;
    }

    /** Bytes it takes. */
    public int size() {
      return size;
    }

    /** The kind with this struct. */
    public static Optional<Kind> ofStruct(String name) {
      return Arrays.stream(values())
          .filter(kind -> !kind.isPointer() && kind.struct.equals(name))
          .findFirst();
    }
  }

  /** Whether it shares a byte with {@code [from, to)}. */
  public boolean overlaps(long from, long to) {
    return from < offset + (long) kind.size() && to > offset;
  }
}
