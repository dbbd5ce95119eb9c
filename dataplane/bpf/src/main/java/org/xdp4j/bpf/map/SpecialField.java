package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A part of a map's values that only helpers touch: programs neither load nor store there, updates
 * leave it out, and user space sees zeros.
 *
 * @param offset bytes from the value's beginning
 */
public record SpecialField(Kind kind, int offset) implements Serializable {
  /** What it is: {@code enum btf_field_type} (linux/bpf.h), by the name of its struct. */
  public enum Kind {
    /** {@code struct bpf_timer}. */
    TIMER("bpf_timer", 16, 8),
    /** {@code struct bpf_spin_lock}. */
    SPIN_LOCK("bpf_spin_lock", 4, 4),
    /** {@code struct bpf_res_spin_lock}. */
    RES_SPIN_LOCK("bpf_res_spin_lock", 8, 4),
    /** {@code struct bpf_wq}. */
    WORK_QUEUE("bpf_wq", 16, 8),
    /** {@code struct bpf_list_head}. */
    LIST_HEAD("bpf_list_head", 16, 8),
    /** {@code struct bpf_rb_root}. */
    RB_ROOT("bpf_rb_root", 16, 8),
    /** {@code struct bpf_refcount}. */
    REFCOUNT("bpf_refcount", 4, 4);

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
      return this == LIST_HEAD || this == RB_ROOT;
    }

    /** The types of maps whose values may have it (kernel: map_check_btf). */
    Set<MapType> mapTypes() {
      return switch (this) {
        case SPIN_LOCK, RES_SPIN_LOCK -> EnumSet.of(MapType.HASH, MapType.ARRAY);
        case TIMER, WORK_QUEUE, LIST_HEAD, RB_ROOT ->
            EnumSet.of(MapType.HASH, MapType.LRU_HASH, MapType.ARRAY);
        case REFCOUNT ->
            EnumSet.of(
                MapType.HASH,
                MapType.PERCPU_HASH,
                MapType.LRU_HASH,
                MapType.LRU_PERCPU_HASH,
                MapType.ARRAY,
                MapType.PERCPU_ARRAY);
      };
    }

    /** The struct's name. */
    public String struct() {
      return struct;
    }

    /** Bytes it takes. */
    public int size() {
      return size;
    }

    /** The kind with this struct. */
    public static Optional<Kind> ofStruct(String name) {
      return Arrays.stream(values()).filter(kind -> kind.struct.equals(name)).findFirst();
    }
  }

  /** Whether it shares a byte with {@code [from, to)}. */
  public boolean overlaps(long from, long to) {
    return from < offset + (long) kind.size() && to > offset;
  }
}
