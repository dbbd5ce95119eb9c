package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;

/** What calls make of the objects that a program owns, and which they give it. */
final class Ownership {
  private final Verification v;

  Ownership(Verification v) {
    this.v = v;
  }

  /** After the arguments were checked: what is dropped, linked or given away is owned no more. */
  void pass(AllocationArguments arguments) {
    if (arguments.dropped != 0) {
      v.release(arguments.dropped);
    }
    if (arguments.linked != 0) {
      lend(arguments.linked);
    }
    if (arguments.given != 0) {
      give(arguments.given);
    }
  }

  /** The object is a list's or a tree's now: pointers to it are good until its lock is released. */
  private void lend(int reference) {
    v.state.drop(reference);
    v.state.replaceAll(r -> r.reference() == reference ? nonOwning(r.withReference(0)) : r);
  }

  private static RegisterState nonOwning(RegisterState r) {
    int counted = r.object().offsetOf(SpecialField.Kind.REFCOUNT) >= 0 ? RegisterState.RCU : 0;
    return r.withFlags(r.flags() | RegisterState.NON_OWNING | counted);
  }

  /** The object is a map value's now: copies of each CPU stay readable, others are lost. */
  private void give(int reference) {
    v.state.drop(reference);
    RegisterState lost = RegisterState.lost(v.index, RegisterState.RELEASED);
    v.state.replaceAll(
        r -> {
          if (r.reference() != reference) {
            return r;
          }
          return r.has(RegisterState.PERCPU)
              ? r.withReference(0).withFlags(RegisterState.RCU | RegisterState.PERCPU)
              : lost;
        });
  }

  /** A lock was released: what was lent while it was held is lost. */
  static void unlocked(VerifierState state, int at) {
    RegisterState lost = RegisterState.lost(at, RegisterState.UNLOCKED);
    state.replaceAll(
        r -> r.kind() == RegisterKind.OBJECT && r.has(RegisterState.NON_OWNING) ? lost : r);
  }

  /** An RCU read-side section was closed: what was read in it may be gone. */
  static void leftReadSection(VerifierState state) {
    state.replaceAll(
        r ->
            (r.kind() == RegisterKind.OBJECT || r.kind() == RegisterKind.KERNEL_STRUCT)
                    && r.has(RegisterState.RCU)
                ? r.certain().withFlags(r.flags() & ~RegisterState.RCU | RegisterState.UNTRUSTED)
                : r);
  }

  /** What {@code helper} leaves in r0, which is an object. */
  RegisterState result(HelperSpec helper, AllocationArguments arguments) throws VerifierException {
    return switch (helper.returns()) {
      case NEW_OBJECT_OR_NULL -> owned(arguments.type, RegisterState.ALLOCATED, 0, true);
      case NEW_PERCPU_OBJECT_OR_NULL ->
          owned(arguments.type, RegisterState.ALLOCATED | RegisterState.PERCPU, 0, true);
      case ANOTHER_REFERENCE ->
          owned(
              arguments.object.object(),
              RegisterState.ALLOCATED,
              0,
              !arguments.object.isOwnedObject());
      case NODE_OR_NULL ->
          owned(
              arguments.field.target(),
              RegisterState.ALLOCATED,
              arguments.field.nodeOffset(),
              true);
      case LENT_NODE_OR_NULL -> lent(arguments.field).orNull(v.newId());
      case EXCHANGED_OBJECT_OR_NULL -> {
        if (arguments.field.target().isOfKernel()) {
          int id = v.acquire(Resource.KERNEL_OBJECT);
          yield RegisterState.kernelStruct(arguments.field.target(), 0)
              .withReference(id)
              .orNull(id);
        }
        boolean perCpu = arguments.field.kind() == SpecialField.Kind.KPTR_PERCPU;
        int flags = RegisterState.ALLOCATED | (perCpu ? RegisterState.PERCPU : 0);
        yield owned(arguments.field.target(), flags, 0, true);
      }
      case CPU_OBJECT ->
          RegisterState.object(
              arguments.object.object(), RegisterState.ALLOCATED | RegisterState.RCU);
      default -> throw new IllegalStateException(helper.name() + " gives no object");
    };
  }

  private RegisterState owned(ObjectType type, int flags, int offset, boolean nullable)
      throws VerifierException {
    int id = v.acquire(Resource.OBJECT);
    RegisterState owned = RegisterState.object(type, flags).withOffset(offset).withReference(id);
    if (nullable) {
      return owned.orNull(id);
    }
    return type.hasLock() ? owned.withId(v.newId()) : owned;
  }

  /** A node that stays in the list or the tree whose head or root {@code root} is. */
  static RegisterState lent(SpecialField root) {
    return nonOwning(
        RegisterState.object(root.target(), RegisterState.ALLOCATED).withOffset(root.nodeOffset()));
  }
}
