package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;

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
    TIMER("bpf_timer", 16);

    private final String struct;
    private final int size;

    Kind(String struct, int size) {
      this.struct = struct;
      this.size = size;
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
