package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.object.KernelLayouts;

/**
 * Loads and stores through pointers to allocated objects, which follow the members of their struct
 * (kernel: check_ptr_to_btf_access, btf_struct_walk), and of the pointers to them in map values
 * (check_map_kptr_access).
 */
final class ObjectAccess {
  private final Verification v;

  ObjectAccess(Verification v) {
    this.v = v;
  }

  /** What a load through {@code pointer} brings: a number, be it a pointer in the struct. */
  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    check(register, pointer, offset, size, false);
    return MemoryAccess.unknown(size, signed);
  }

  /** Refuses what lies outside of a member, or is none of the program's business. */
  void check(int register, RegisterState pointer, int offset, int size, boolean write)
      throws VerifierException {
    ObjectType type = pointer.object();
    if (!pointer.hasFixedOffset()) {
      throw refuse(register, pointer, "and only members at known offsets can be accessed");
    }
    if (pointer.has(RegisterState.PERCPU)) {
      throw refuse(
          register,
          pointer,
          "of which each CPU has a copy; ask bpf_this_cpu_ptr or bpf_per_cpu_ptr for one");
    }
    boolean writable = pointer.has(RegisterState.ALLOCATED) && !isUntrusted(pointer);
    if (write && !writable) {
      throw v.refuse(
          Cause.READ_ONLY,
          register,
          is(register, pointer) + ", which the program does not own, so it can only be read");
    }
    long at = pointer.fixedOffset() + offset;
    if (at < 0) {
      throw outside(register, pointer, at, size, "lies before it");
    }
    if (pointer.has(RegisterState.ALLOCATED)) {
      checkFields(register, pointer, at, size);
    }
    // Behind a kernel's struct there may be elements of its last array; behind these is nothing.
    if (at + size > type.size()) {
      throw outside(register, pointer, at, size, "ends behind its %d bytes".formatted(type.size()));
    }
    StructWalk walk = new StructWalk(v.program.btf(), isUntrusted(pointer));
    String wrong = walk.find(type.btfId(), at, size).wrong();
    if (wrong != null) {
      throw outside(register, pointer, at, size, wrong);
    }
  }

  private static boolean isUntrusted(RegisterState pointer) {
    return pointer.has(RegisterState.UNTRUSTED);
  }

  private void checkFields(int register, RegisterState pointer, long at, int size)
      throws VerifierException {
    for (SpecialField field : pointer.object().fields()) {
      if (field.overlaps(at, at + size)) {
        throw refuse(
            register,
            pointer,
            "and %s lies at offset %d, which only kernel functions touch"
                .formatted(field.kind().text(), field.offset()));
      }
    }
  }

  /** The pointer to an object that an access of a map value touches, or null. */
  static SpecialField pointerAt(RegisterState value, int offset, int size) {
    if (value.kind() != RegisterKind.MAP_VALUE) {
      return null;
    }
    long fixed = (long) value.offset() + offset;
    for (SpecialField field : value.map().fields()) {
      if (field.kind().isPointer()
          && field.overlaps(value.range().smin() + fixed, value.range().umax() + fixed + size)) {
        return field;
      }
    }
    return null;
  }

  /** Loads the pointer {@code field}: what it leads to may end at any time, but stays readable. */
  RegisterState loadPointer(
      int register, RegisterState value, SpecialField field, int offset, int size)
      throws VerifierException {
    checkPlace(register, value, field, offset, size);
    if (field.target().isOfKernel()) {
      int flags =
          field.kind().isOwningPointer()
              ? RegisterState.RCU
              : RegisterState.UNTRUSTED | KernelStructs.shown(field.target().name());
      return RegisterState.kernelStruct(field.target(), flags).orNull(v.newId());
    }
    if (!field.kind().isOwningPointer()) {
      return RegisterState.object(field.target(), RegisterState.UNTRUSTED).orNull(v.newId());
    }
    int flags = RegisterState.RCU;
    if (field.kind() == SpecialField.Kind.KPTR_PERCPU) {
      flags |= RegisterState.PERCPU;
    } else {
      flags |= RegisterState.ALLOCATED;
      flags |= field.target().hasNode() ? RegisterState.NON_OWNING : 0;
    }
    return RegisterState.object(field.target(), flags).orNull(v.newId());
  }

  /**
   * Stores {@code stored}, which is in {@code storedRegister} (-1 for an immediate), to the pointer
   * {@code field}.
   */
  void storePointer(
      int register,
      RegisterState value,
      SpecialField field,
      int offset,
      int size,
      RegisterState stored,
      int storedRegister)
      throws VerifierException {
    checkPlace(register, value, field, offset, size);
    if (field.kind().isOwningPointer()) {
      throw refuse(
          register,
          value,
          "where what is owned can only be exchanged: call bpf_kptr_xchg instead of storing");
    }
    if (stored.isNull()) {
      if (storedRegister >= 0) {
        v.precision.require(storedRegister);
      }
      return;
    }
    boolean fits =
        field.target().isOfKernel()
            ? leadsTo(stored, field.target())
            : stored.kind() == RegisterKind.OBJECT
                && stored.flags() == RegisterState.ALLOCATED
                && stored.hasFixedOffset()
                && stored.fixedOffset() == 0
                && stored.object().equals(field.target());
    if (!fits) {
      throw v.refuse(
          Cause.OBJECT_MISUSE,
          storedRegister,
          (storedRegister < 0 ? "the value stored is " : "r" + storedRegister + " is ")
              + stored.describe()
              + ", not a pointer to "
              + field.target()
              + (field.target().isOfKernel() ? " of the kernel's" : " that the program owns")
              + ", nor NULL");
    }
  }

  /** Whether a pointer leads to such a structure of the kernel's. */
  static boolean leadsTo(RegisterState pointer, ObjectType struct) {
    return pointer.kind() == RegisterKind.KERNEL_STRUCT
        && pointer.hasFixedOffset()
        && pointer.fixedOffset() == 0
        && KernelLayouts.plain(pointer.object().name()).equals(struct.name());
  }

  private void checkPlace(
      int register, RegisterState value, SpecialField field, int offset, int size)
      throws VerifierException {
    boolean exact =
        value.hasFixedOffset()
            && value.fixedOffset() + offset == field.offset()
            && size == Long.BYTES;
    if (!exact) {
      throw refuse(
          register,
          value,
          "where %s lies at offset %d, which is loaded and stored as a whole only"
              .formatted(field.kind().text(), field.offset()));
    }
  }

  private VerifierException outside(
      int register, RegisterState pointer, long at, int size, String why) {
    return v.refuse(
        Cause.MEMORY_BOUNDS,
        register,
        "%s; an access of %d %s at offset %d of %s %s"
            .formatted(
                is(register, pointer),
                size,
                size == 1 ? "byte" : "bytes",
                at,
                pointer.object(),
                why));
  }

  private VerifierException refuse(int register, RegisterState value, String reason) {
    return v.refuse(Cause.OBJECT_MISUSE, register, is(register, value) + ", " + reason);
  }

  private static String is(int register, RegisterState value) {
    return "r" + register + " is " + value.describe();
  }
}
