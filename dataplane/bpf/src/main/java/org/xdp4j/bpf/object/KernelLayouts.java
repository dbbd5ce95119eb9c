package org.xdp4j.bpf.object;

import java.util.EnumMap;
import java.util.Map;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.context.KernelLayout;
import org.xdp4j.bpf.context.KernelMember;
import org.xdp4j.bpf.context.KernelStructure;

/** Finds a kernel's structures among types. */
public final class KernelLayouts {
  /** What libbpf ignores in a type's name, with what follows it. */
  private static final String FLAVOR = "___";

  private KernelLayouts() {}

  /** A type's name without its flavor. */
  public static String plain(String name) {
    int flavor = name.indexOf(FLAVOR);
    return flavor > 0 ? name.substring(0, flavor) : name;
  }

  /** The id of the struct or union of this name, or else of one of its flavors; 0 for none. */
  public static int find(Btf types, String name) {
    int exact = types.find(BtfType.Composite.class, name);
    if (exact != 0) {
      return exact;
    }
    for (int id = 1; id < types.count(); id++) {
      boolean named = types.type(id).name().startsWith(name + FLAVOR);
      if (named && types.type(id) instanceof BtfType.Composite) {
        return id;
      }
    }
    return 0;
  }

  /** Where the members that programs may read lie. */
  public static KernelLayout of(Btf types) {
    Map<KernelMember, Integer> found = new EnumMap<>(KernelMember.class);
    for (KernelMember member : KernelMember.values()) {
      int struct = find(types, member.structure().struct());
      if (struct != 0 && types.type(struct) instanceof BtfType.Composite type) {
        long at = offset(types, type, member);
        if (at >= 0 && at + member.size() <= room(member)) {
          found.put(member, (int) at);
        }
      }
    }
    return new KernelLayout(found);
  }

  private static int room(KernelMember member) {
    // The last word of the frame's is kept 0.
    return member.structure().size()
        - (member.structure() == KernelStructure.BUFFER ? Long.BYTES : 0);
  }

  /** Bytes to the member, through members without a name; -1 when there is none of its size. */
  private static long offset(Btf types, BtfType.Composite type, KernelMember wanted) {
    for (BtfType.Member member : type.members()) {
      long at = member.bitOffset() / Byte.SIZE;
      boolean whole = member.bitfieldSize() == 0 && member.bitOffset() % Byte.SIZE == 0;
      if (member.name().equals(wanted.text())) {
        return whole && types.sizeOf(member.type()) == wanted.size() ? at : -1;
      }
      if (member.name().isEmpty()
          && types.resolve(member.type()) instanceof BtfType.Composite inner) {
        long inside = offset(types, inner, wanted);
        if (inside >= 0) {
          return at + inside;
        }
      }
    }
    return -1;
  }
}
