package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/** Which member of a struct an access at a known offset meets (kernel: btf_struct_walk). */
final class StructWalk {
  /**
   * What is there.
   *
   * @param wrong why the access is not of one member, as the end of a sentence; null when it is
   * @param member the innermost member's name
   * @param start where that begins in the struct that holds it, relative to the access: 0 when the
   *     access begins with it
   * @param target for a pointer to a struct the id of that struct, else 0
   * @param memory whether it is a pointer to anything else
   */
  record Found(String wrong, String member, long start, int target, boolean memory) {}

  private final Btf btf;
  private final boolean relaxed;

  /**
   * Walks structs of {@code btf}.
   *
   * @param relaxed whether an access may end behind its member, as one through an untrusted pointer
   */
  StructWalk(Btf btf, boolean relaxed) {
    this.btf = btf;
    this.relaxed = relaxed;
  }

  /** What an access of {@code size} bytes at {@code at} of the struct {@code id} meets. */
  Found find(int id, long at, int size) {
    if (!btf.contains(id) || !(btf.resolve(id) instanceof BtfType.Composite struct)) {
      return wrong("cannot be checked, as the program has no types");
    }
    if (at + size > struct.size()) {
      return behind(struct, at, size);
    }
    for (BtfType.Member member : struct.members()) {
      long start = member.bitOffset() / Byte.SIZE;
      if (member.bitfieldSize() > 0) {
        long end = (member.bitOffset() + member.bitfieldSize() + Byte.SIZE - 1) / Byte.SIZE;
        if (at <= start && end <= at + size) {
          return new Found(null, member.name(), start - at, 0, false);
        }
        continue;
      }
      if (start >= at + size) {
        break;
      }
      long bytes = Math.max(0, btf.sizeOf(member.type()));
      if (at >= start && at < start + bytes) {
        return inside(member, at - start, size);
      }
    }
    return wrong("is of no member");
  }

  private Found inside(BtfType.Member member, long at, int size) {
    int type = member.type();
    long offset = at;
    long end = Math.max(0, btf.sizeOf(type));
    while (btf.resolve(type) instanceof BtfType.Array array) {
      type = array.type();
      int element = btf.sizeOf(type);
      if (element > 0 && btf.resolve(type) instanceof BtfType.Composite) {
        offset %= element;
      }
    }
    BtfType bare = btf.resolve(type);
    if (bare instanceof BtfType.Composite) {
      return find(type, offset, size);
    }
    if (bare instanceof BtfType.Ptr pointer) {
      boolean whole = size == Long.BYTES && offset % Long.BYTES == 0;
      return whole
          ? pointer(member, -offset, struct(pointer))
          : wrong("is a part of the pointer '%s'".formatted(member.name()));
    }
    return offset + size > end && !relaxed
        ? wrong("ends behind its member '%s'".formatted(member.name()))
        : new Found(null, member.name(), -offset, 0, false);
  }

  private static Found pointer(BtfType.Member member, long start, int target) {
    return new Found(null, member.name(), start, target, target == 0);
  }

  /** The elements of an array without a size, with which a struct may end. */
  private Found behind(BtfType.Composite struct, long at, int size) {
    Found outside = wrong("ends behind its %d bytes".formatted(struct.size()));
    if (struct.members().isEmpty()) {
      return outside;
    }
    BtfType.Member last = struct.members().getLast();
    long start = last.bitOffset() / Byte.SIZE;
    if (!(btf.resolve(last.type()) instanceof BtfType.Array array)
        || array.count() != 0
        || at < start) {
      return outside;
    }
    return switch (btf.resolve(array.type())) {
      case BtfType.Int number -> new Found(null, last.name(), start - at, 0, false);
      case BtfType.Composite element when element.size() > 0 ->
          find(array.type(), (at - start) % element.size(), size);
      default -> outside;
    };
  }

  private int struct(BtfType.Ptr pointer) {
    int target = btf.strip(pointer.type());
    return btf.type(target) instanceof BtfType.Composite ? target : 0;
  }

  private static Found wrong(String why) {
    return new Found(why, "", 0, 0, false);
  }
}
