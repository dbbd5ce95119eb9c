package org.xdp4j.bpf.context;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Where the members of a kernel's structures lie, as the types say that a program was linked with:
 * the kernel's own where those were given, else those the object brings.
 *
 * @param offsets in bytes, of those that there are
 */
public record KernelLayout(Map<KernelMember, Integer> offsets) {
  /** Of a program that knows no such structure. */
  public static final KernelLayout NONE = new KernelLayout(Map.of());

  public KernelLayout {
    offsets = offsets.isEmpty() ? Map.of() : new EnumMap<>(offsets);
  }

  /** Where it lies in its structure; -1 when the types have no such member. */
  public int offset(KernelMember member) {
    return offsets.getOrDefault(member, -1);
  }

  /** Whether all of these bytes of a structure of this name are of one member. */
  public boolean covers(String struct, long at, int size) {
    for (KernelMember member : KernelMember.values()) {
      int start = offset(member);
      if (start >= 0
          && member.structure().struct().equals(struct)
          && at >= start
          && at + size <= start + member.size()) {
        return true;
      }
    }
    return false;
  }

  /** The names of the members of such a structure, for a message. */
  public static String members(String struct) {
    StringJoiner names = new StringJoiner(", ");
    for (KernelMember member : KernelMember.values()) {
      if (member.structure().struct().equals(struct)) {
        names.add(member.text());
      }
    }
    return names.toString();
  }
}
