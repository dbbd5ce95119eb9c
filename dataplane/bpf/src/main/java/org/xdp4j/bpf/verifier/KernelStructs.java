package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.helper.KernelObject;
import org.xdp4j.bpf.map.ObjectType;

/**
 * Loads and stores through pointers to a kernel's structures, which follow their members as in
 * Linux (check_ptr_to_btf_access): a pointer to another struct that is loaded can be followed in
 * its turn. Where the program has no such type, any load is one of a number.
 *
 * <p>No such structure exists here, so what is checked here never runs.
 */
final class KernelStructs {
  /** The one member that programs may set (nf_conntrack_btf_struct_access). */
  private static final String MARK = "mark";

  private final Verification v;
  private final Btf types;

  KernelStructs(Verification v) {
    this.v = v;
    this.types = v.program.kernel();
  }

  /** What a load through {@code pointer} brings: a number, or a pointer that can be followed. */
  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    long at = place(register, pointer, offset, size, "loaded");
    int id = id(pointer.object());
    if (id == 0) {
      return MemoryAccess.unknown(size, signed);
    }
    StructWalk.Found found =
        new StructWalk(types, pointer.has(RegisterState.UNTRUSTED)).find(id, at, size);
    if (found.wrong() != null) {
      throw outside(register, pointer, at, size, found.wrong());
    }
    if (found.target() == 0 || signed) {
      return MemoryAccess.unknown(size, signed);
    }
    String name = types.type(found.target()).name();
    return RegisterState.kernelStruct(
        new ObjectType(found.target(), name, 0), RegisterState.UNTRUSTED);
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
    return struct.btfId() != 0 ? struct.btfId() : types.find(BtfType.Struct.class, struct.name());
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
