package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.map.SpecialField;

/**
 * Arguments that are locks in map values or in objects the program owns (kernel:
 * process_spin_lock). One {@code bpf_spin_lock} is held at a time; of {@code bpf_res_spin_lock}
 * several, which are released in the opposite order.
 */
final class LockArguments {
  private final Verification v;
  private final HelperMemory memory;
  private final HelperSpec helper;

  /** A lock to be taken once the call is known to succeed, or null. */
  VerifierState.Acquired taken;

  LockArguments(Verification v, HelperMemory memory, HelperSpec helper) {
    this.v = v;
    this.memory = memory;
    this.helper = helper;
  }

  void check(int register, ArgumentKind kind, RegisterState value) throws VerifierException {
    switch (kind) {
      case SPIN_LOCK -> {
        checkField(register, value, SpecialField.Kind.SPIN_LOCK, "a lock");
        if (v.state.isInOrderCallback()) {
          throw v.refuse(
              Cause.SECTION,
              register,
              helper.name() + " cannot be called while a tree compares nodes to add one");
        }
        if (helper.id() == HelperSpec.SPIN_LOCK) {
          v.state.acquire(lock(Resource.LOCK, value));
        } else {
          release(register, value, Resource.LOCK);
        }
      }
      case RES_SPIN_LOCK -> {
        checkField(register, value, SpecialField.Kind.RES_SPIN_LOCK, "a lock");
        VerifierState.Acquired held = v.state.heldLock(value);
        if (held != null) {
          throw v.refuse(
              Cause.SECTION,
              register,
              "r%d, an argument of %s, is %s, whose lock instruction %d took already"
                  .formatted(register, helper.name(), value.describe(), held.instruction()));
        }
        taken = lock(resilient(), value);
      }
      default -> {
        checkField(register, value, SpecialField.Kind.RES_SPIN_LOCK, "a lock");
        release(register, value, resilient());
      }
    }
  }

  /** Of what kind a resilient lock is that the call takes or releases. */
  private Resource resilient() {
    boolean saves =
        helper.arguments().contains(ArgumentKind.NEW_LOCK_IRQ_FLAG)
            || helper.arguments().contains(ArgumentKind.LOCK_IRQ_FLAG);
    return saves ? Resource.RES_LOCK_IRQ : Resource.RES_LOCK;
  }

  private VerifierState.Acquired lock(Resource resource, RegisterState value) {
    return new VerifierState.Acquired(resource, value.id(), v.index, value.map());
  }

  private void release(int register, RegisterState value, Resource resource)
      throws VerifierException {
    VerifierState.Acquired held = v.state.innermostLock();
    if (held == null) {
      throw refuse(register, value, "but no lock is held that this could release");
    }
    boolean same = held.id() == value.id() && held.map() == value.map();
    if (!same || held.resource() != resource) {
      throw refuse(
          register,
          value,
          same
              ? "whose lock was taken otherwise: the functions with an interrupt flag belong"
                  + " together"
              : v.state.heldLock(value) == null
                  ? "whose lock is not the one that instruction " + held.instruction() + " took"
                  : "but the lock that instruction "
                      + held.instruction()
                      + " took has to be released before it");
    }
    v.state.dropLock();
    Ownership.unlocked(v.state, v.index);
  }

  /** Refuses what does not point at the one field of this kind. */
  void checkField(int register, RegisterState value, SpecialField.Kind kind, String what)
      throws VerifierException {
    String struct = "struct " + kind.struct();
    boolean owned = value.isOwnedObject() && value.flags() == RegisterState.ALLOCATED;
    boolean place = value.kind() == RegisterKind.MAP_VALUE || kind.isLock() && owned;
    if (!place || value.nullable()) {
      String where = kind.isLock() ? "a map value or an object it owns" : "a map value";
      throw refuse(register, value, "not a pointer to a " + struct + " in " + where);
    }
    if (!value.hasFixedOffset()) {
      throw refuse(register, value, "and " + what + "'s offset must be constant");
    }
    int offset = -1;
    for (SpecialField field : value.fields()) {
      offset = field.kind() == kind ? field.offset() : offset;
    }
    if (offset < 0) {
      throw refuse(register, value, "and its type has no " + struct);
    }
    if (value.fixedOffset() != offset) {
      throw refuse(register, value, "but the value's " + struct + " is at offset " + offset);
    }
  }

  private VerifierException refuse(int register, RegisterState value, String reason) {
    return memory.refuse(helper, register, value, reason);
  }
}
