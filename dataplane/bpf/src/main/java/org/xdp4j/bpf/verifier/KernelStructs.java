package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.context.KernelLayout;
import org.xdp4j.bpf.context.KernelMember;
import org.xdp4j.bpf.context.KernelStructure;
import org.xdp4j.bpf.helper.KernelObject;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.object.KernelLayouts;

/**
 * Loads and stores through pointers to a kernel's structures, which follow their members as in
 * Linux (check_ptr_to_btf_access): a pointer to another struct that is loaded can be followed in
 * its turn. Where the program has no such type, any load is one of a number.
 *
 * <p>Of a kernel's structures only those of {@link KernelStructure} are here, and of those only the
 * members of {@link KernelMember}: a load of another one is refused. Loads through pointers that a
 * program casts give what is there, and 0 where nothing is.
 */
final class KernelStructs {
  /** The one member that programs may set (nf_conntrack_btf_struct_access). */
  private static final String MARK = "mark";

  private final Verification v;
  private final Btf types;
  private KernelLayout layout;

  KernelStructs(Verification v) {
    this.v = v;
    this.types = v.program.kernel();
  }

  /** What a load through {@code pointer} brings: a number, or a pointer that can be followed. */
  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    long at = place(register, pointer, offset, size, "loaded");
    int id = id(pointer.object());
    if (pointer.has(RegisterState.SHOWN)) {
      checkShown(register, pointer, at, size);
    } else if (id == 0) {
      return MemoryAccess.unknown(size, signed);
    }
    StructWalk.Found found =
        new StructWalk(types, pointer.has(RegisterState.UNTRUSTED)).find(id, at, size);
    if (found.wrong() != null) {
      throw outside(register, pointer, at, size, found.wrong());
    }
    if (signed || found.target() == 0 && !found.memory()) {
      return MemoryAccess.unknown(size, signed);
    }
    if (found.memory()) {
      return RegisterState.anyMemory();
    }
    int flags = RegisterState.UNTRUSTED | pointer.flags() & RegisterState.SHOWN;
    return RegisterState.kernelStruct(type(types, found.target()), flags);
  }

  /** A struct or union of a kernel. */
  static ObjectType type(Btf types, int id) {
    return new ObjectType(id, types.type(id).name(), 0);
  }

  /** The flags of a pointer to such a struct of which nobody knows where it comes from. */
  static int shown(String struct) {
    boolean here = KernelStructure.of(KernelLayouts.plain(struct)) != null;
    return here ? RegisterState.SHOWN : 0;
  }

  /** Whether a struct of {@code type} lies where {@code pointer} leads. */
  boolean holds(RegisterState pointer, ObjectType type) {
    int id = id(pointer.object());
    String wanted = KernelLayouts.plain(type.name());
    if (id == 0 || pointer.fixedOffset() == 0) {
      return KernelLayouts.plain(pointer.object().name()).equals(wanted)
          || id != 0 && begins(id, 0, wanted);
    }
    return begins(id, pointer.fixedOffset(), wanted);
  }

  private boolean begins(int id, long at, String wanted) {
    if (!(types.resolve(id) instanceof BtfType.Struct struct)) {
      return false;
    }
    for (BtfType.Member member : struct.members()) {
      long start = member.bitOffset() / Byte.SIZE;
      if (types.resolve(member.type()) instanceof BtfType.Struct inner
          && at >= start
          && at < start + inner.size()) {
        return at == start && inner.name().equals(wanted)
            || begins(member.type(), at - start, wanted);
      }
    }
    return false;
  }

  private void checkShown(int register, RegisterState pointer, long at, int size)
      throws VerifierException {
    if (layout == null) {
      layout = KernelLayouts.of(types);
    }
    String struct = KernelLayouts.plain(pointer.object().name());
    if (!layout.covers(struct, at, size)) {
      String members = KernelLayout.members(struct);
      throw v.refuse(
          Cause.NOT_AVAILABLE,
          register,
          "r%d is %s; %d %s at offset %d of it %s: of that struct there %s here"
              .formatted(
                  register,
                  pointer.describe(),
                  size,
                  size == 1 ? "byte" : "bytes",
                  at,
                  "cannot be answered",
                  members.isEmpty() ? "is nothing" : "are only " + members));
    }
  }

  /** Refuses a store to anything but the mark of a connection. */
  void checkStore(int register, RegisterState pointer, int offset, int size)
      throws VerifierException {
    long at = place(register, pointer, offset, size, "stored");
    boolean connection =
        pointer.isKernelObject(KernelObject.CONNECTION)
            || pointer.isKernelObject(KernelObject.NEW_CONNECTION);
    int id = connection ? id(pointer.object()) : 0;
    if (id != 0) {
      StructWalk.Found found = new StructWalk(types, false).find(id, at, size);
      if (found.wrong() == null && found.member().equals(MARK) && found.start() == 0) {
        return;
      }
    }
    throw v.refuse(
        Cause.READ_ONLY,
        register,
        "r%d is %s, %s"
            .formatted(
                register,
                pointer.describe(),
                connection
                    ? "of which a program may set only the member 'mark'"
                    : "not memory that a program may write to"));
  }

  private long place(int register, RegisterState pointer, int offset, int size, String done)
      throws VerifierException {
    long at = pointer.hasFixedOffset() ? pointer.fixedOffset() + offset : -1;
    if (at < 0) {
      throw v.refuse(
          Cause.MEMORY_BOUNDS,
          register,
          "r%d is %s, of which %d %s at offset %d cannot be %s"
              .formatted(
                  register, pointer.describe(), size, size == 1 ? "byte" : "bytes", offset, done));
    }
    return at;
  }

  /** The id of the struct, 0 when the program knows none of that name. */
  private int id(ObjectType struct) {
    return struct.btfId() != 0 ? struct.btfId() : KernelLayouts.find(types, struct.name());
  }

  private VerifierException outside(
      int register, RegisterState pointer, long at, int size, String why) {
    return v.refuse(
        Cause.MEMORY_BOUNDS,
        register,
        "r%d is %s; an access of %d %s at offset %d of it %s"
            .formatted(register, pointer.describe(), size, size == 1 ? "byte" : "bytes", at, why));
  }
}
