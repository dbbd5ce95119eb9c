package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.map.SpecialField.Kind;
import org.xdp4j.bpf.object.LinkException;

/**
 * Arguments that are objects the program allocates, or the lists, trees and pointers that hold them
 * (kernel: check_kfunc_args). An object is owned through one pointer, which has to be given back or
 * given away; what is in a list or a tree, or behind a pointer of a map value, is only lent.
 */
final class AllocationArguments {
  /** Bytes of an object of which each CPU has a copy (kernel: BPF_GLOBAL_PERCPU_MA_MAX_SIZE). */
  private static final int MOST_PERCPU_BYTES = 512;

  private final Verification v;
  private final HelperMemory memory;
  private final HelperSpec helper;

  /** The object that the call is given to refer to or to link, or null. */
  RegisterState object;

  /** The struct to be allocated, or null. */
  ObjectType type;

  /** The list's head, the tree's root or the pointer that the call works on, or null. */
  SpecialField field;

  /** The object that the call drops: its reference, or 0. */
  int dropped;

  /** The object that becomes a list's or a tree's with the call: its reference, or 0. */
  int linked;

  /** The object that goes to a pointer with the call: its reference, or 0. */
  int given;

  AllocationArguments(Verification v, HelperMemory memory, HelperSpec helper) {
    this.v = v;
    this.memory = memory;
    this.helper = helper;
  }

  void check(int register, ArgumentKind kind, RegisterState value) throws VerifierException {
    switch (kind) {
      case TYPE_ID -> checkType(register, value);
      case DROPPED_OBJECT -> checkDropped(register, value, RegisterState.ALLOCATED);
      case DROPPED_PERCPU_OBJECT ->
          checkDropped(register, value, RegisterState.ALLOCATED | RegisterState.PERCPU);
      case REFCOUNTED_OBJECT -> checkRefcounted(register, value);
      case LIST_HEAD -> checkRoot(register, value, Kind.LIST_HEAD);
      case RB_ROOT -> checkRoot(register, value, Kind.RB_ROOT);
      case LIST_NODE -> checkNewNode(register, value, Kind.LIST_NODE);
      case RB_NODE -> checkNewNode(register, value, Kind.RB_NODE);
      case LENT_RB_NODE -> checkLentNode(register, value);
      case KPTR_FIELD -> checkPointer(register, value);
      case GIVEN_OBJECT_OR_NULL -> checkGiven(register, value);
      case PERCPU_OBJECT -> checkPerCpu(register, value);
      default -> throw new IllegalStateException("no allocated object: " + kind);
    }
  }

  private void checkType(int register, RegisterState value) throws VerifierException {
    if (!value.isScalar() || !value.range().isConstant()) {
      throw refuse(register, value, "and the type's id must be a constant");
    }
    v.precision.require(register);
    long id = value.range().value();
    Btf btf = v.program.btf();
    if (id != (int) id || !btf.contains((int) id) || id <= 0) {
      throw refuse(register, value, "no id of a type that the program has: compile with -g");
    }
    try {
      type = v.types.type((int) id);
    } catch (LinkException e) {
      throw v.refuse(
          Cause.OBJECT_MISUSE, register, "the object cannot be allocated: " + e.getMessage());
    }
    if (type == null) {
      throw refuse(register, value, "the id of what is no struct");
    }
    if (helper.returns() == ReturnKind.NEW_PERCPU_OBJECT_OR_NULL) {
      checkPerCpuType(register, value, (int) id);
    }
  }

  private void checkPerCpuType(int register, RegisterState value, int id) throws VerifierException {
    if (type.size() > MOST_PERCPU_BYTES) {
      throw refuse(
          register,
          value,
          "of %s, whose %d bytes are more than the %d an object of each CPU may have"
              .formatted(type, type.size(), MOST_PERCPU_BYTES));
    }
    if (!isScalar(v.program.btf(), id) || !type.fields().isEmpty()) {
      throw refuse(
          register, value, "of %s, but an object of each CPU has only numbers".formatted(type));
    }
  }

  private static boolean isScalar(Btf btf, int id) {
    return switch (btf.resolve(id)) {
      case BtfType.Int number -> true;
      case BtfType.Enum number -> true;
      case BtfType.Array array -> isScalar(btf, array.type());
      case BtfType.Struct struct ->
          struct.members().stream().allMatch(m -> isScalar(btf, m.type()));
      default -> false;
    };
  }

  private void checkDropped(int register, RegisterState value, int flags) throws VerifierException {
    requireObject(register, value);
    if (value.flags() != flags) {
      boolean perCpu = value.has(RegisterState.PERCPU);
      throw refuse(
          register,
          value,
          !value.isOwnedObject()
              ? "which the program does not own, so it cannot drop it"
              : perCpu
                  ? "of which each CPU has a copy: call bpf_percpu_obj_drop"
                  : "of which there is only one: call bpf_obj_drop");
    }
    requireStart(register, value);
    dropped = value.reference();
  }

  private void checkRefcounted(int register, RegisterState value) throws VerifierException {
    requireObject(register, value);
    if (!value.has(RegisterState.ALLOCATED)) {
      throw refuse(register, value, "not an object that the program allocated");
    }
    if (value.object().offsetOf(Kind.REFCOUNT) < 0) {
      throw refuse(register, value, "and its type has no struct bpf_refcount to count references");
    }
    object = value;
  }

  private void checkRoot(int register, RegisterState value, Kind kind) throws VerifierException {
    boolean owned = value.isOwnedObject() && value.flags() == RegisterState.ALLOCATED;
    if (value.nullable() || value.kind() != RegisterKind.MAP_VALUE && !owned) {
      throw refuse(
          register,
          value,
          "not a pointer to a struct %s in a map value or in an object the program owns"
              .formatted(kind.struct()));
    }
    field = fieldAt(register, value, kind);
    VerifierState.Acquired lock = v.state.heldLock(value);
    if (lock == null) {
      throw v.refuse(
          Cause.OBJECT_MISUSE,
          register,
          "r%d, an argument of %s, is %s, but the lock beside its struct %s is not held"
              .formatted(register, helper.name(), value.describe(), kind.struct()));
    }
  }

  private SpecialField fieldAt(int register, RegisterState value, Kind kind)
      throws VerifierException {
    if (!value.hasFixedOffset()) {
      throw refuse(register, value, "and its offset must be constant");
    }
    for (SpecialField candidate : value.fields()) {
      if (candidate.offset() == value.fixedOffset() && candidate.kind() == kind) {
        return candidate;
      }
    }
    throw refuse(register, value, "where no struct %s lies".formatted(kind.struct()));
  }

  private void checkNewNode(int register, RegisterState value, Kind kind) throws VerifierException {
    requireObject(register, value);
    if (!value.isOwnedObject() || value.flags() != RegisterState.ALLOCATED) {
      throw refuse(
          register,
          value,
          "which the program does not own, so it cannot give it to a list or tree");
    }
    checkNode(register, value, kind);
    linked = value.reference();
  }

  private void checkLentNode(int register, RegisterState value) throws VerifierException {
    requireObject(register, value);
    if (!value.has(RegisterState.NON_OWNING) && !value.isOwnedObject()) {
      throw refuse(register, value, "neither a node that a tree lent nor an object that is owned");
    }
    if (v.state.isInOrderCallback()) {
      throw v.refuse(
          Cause.OBJECT_MISUSE,
          register,
          helper.name() + " cannot be called while a tree compares nodes to add one");
    }
    checkNode(register, value, Kind.RB_NODE);
  }

  private void checkNode(int register, RegisterState value, Kind kind) throws VerifierException {
    fieldAt(register, value, kind);
    boolean fits =
        value.object().equals(field.target()) && value.fixedOffset() == field.nodeOffset();
    if (!fits) {
      throw refuse(
          register,
          value,
          "but what r1 points at holds %s by the node at offset %d"
              .formatted(field.target(), field.nodeOffset()));
    }
    object = value;
  }

  private void checkPointer(int register, RegisterState value) throws VerifierException {
    boolean owned = value.isOwnedObject() && value.flags() == RegisterState.ALLOCATED;
    if (value.nullable() || value.kind() != RegisterKind.MAP_VALUE && !owned) {
      throw refuse(
          register,
          value,
          "not a pointer to a __kptr in a map value or in an object that is owned");
    }
    if (!value.hasFixedOffset()) {
      throw refuse(register, value, "and the pointer's offset must be constant");
    }
    for (SpecialField candidate : value.fields()) {
      if (candidate.offset() == value.fixedOffset() && candidate.kind().isPointer()) {
        field = candidate;
      }
    }
    if (field == null) {
      throw refuse(register, value, "where no __kptr lies");
    }
    if (!field.kind().isOwningPointer()) {
      throw refuse(
          register, value, "where a __kptr_untrusted lies, which owns nothing: load and store it");
    }
  }

  private void checkGiven(int register, RegisterState value) throws VerifierException {
    if (value.isNull()) {
      v.precision.require(register);
      return;
    }
    if (field.target().isOfKernel()) {
      checkGivenOfKernel(register, value);
      return;
    }
    requireObject(register, value);
    int flags =
        field.kind() == Kind.KPTR_PERCPU
            ? RegisterState.ALLOCATED | RegisterState.PERCPU
            : RegisterState.ALLOCATED;
    if (!value.isOwnedObject()) {
      throw refuse(register, value, "which the program does not own, so it cannot give it away");
    }
    if (value.flags() != flags || !value.object().equals(field.target())) {
      throw refuse(
          register,
          value,
          "but the pointer is a %s to %s".formatted(field.kind().struct(), field.target()));
    }
    requireStart(register, value);
    given = value.reference();
  }

  private void checkGivenOfKernel(int register, RegisterState value) throws VerifierException {
    if (!ObjectAccess.leadsTo(value, field.target()) || value.has(RegisterState.UNTRUSTED)) {
      throw refuse(
          register,
          value,
          "but the pointer is a %s to the kernel's %s"
              .formatted(field.kind().struct(), field.target()));
    }
    if (value.nullable()) {
      throw memory.refuse(
          Cause.NULL_NOT_CHECKED, helper, register, value, "and must be compared with NULL first");
    }
    if (value.reference() == 0) {
      throw refuse(register, value, "which the program does not own, so it cannot give it away");
    }
    given = value.reference();
  }

  private void checkPerCpu(int register, RegisterState value) throws VerifierException {
    requireObject(register, value);
    if (value.flags() != (RegisterState.RCU | RegisterState.PERCPU)) {
      throw refuse(
          register,
          value,
          "not an object of each CPU that was loaded from, or given to, a __percpu_kptr");
    }
    requireStart(register, value);
    object = value;
  }

  private void requireObject(int register, RegisterState value) throws VerifierException {
    if (value.kind() != RegisterKind.OBJECT) {
      throw memory.refuse(
          Loss.cause(value, Cause.OBJECT_MISUSE),
          helper,
          register,
          value,
          "not a pointer to an object that a program allocates" + Loss.clause(value));
    }
    if (value.nullable()) {
      throw memory.refuse(
          Cause.NULL_NOT_CHECKED, helper, register, value, "and must be compared with NULL first");
    }
    if (!value.range().isConstant() || value.range().value() != 0) {
      throw refuse(register, value, "and its offset must be constant");
    }
  }

  private void requireStart(int register, RegisterState value) throws VerifierException {
    if (value.fixedOffset() != 0) {
      throw refuse(register, value, "not the start of the object");
    }
  }

  private VerifierException refuse(int register, RegisterState value, String reason) {
    return memory.refuse(Cause.OBJECT_MISUSE, helper, register, value, reason);
  }
}
