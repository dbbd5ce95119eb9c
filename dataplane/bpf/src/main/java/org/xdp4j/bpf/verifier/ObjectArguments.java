package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.verifier.StackObject.Dynptr;
import org.xdp4j.bpf.verifier.StackObject.DynptrType;
import org.xdp4j.bpf.verifier.StackObject.IrqFlag;
import org.xdp4j.bpf.verifier.StackObject.IteratorType;
import org.xdp4j.bpf.verifier.StackObject.OpenIterator;

/** Arguments that are objects on the stack: made, used or given back by one call. */
final class ObjectArguments {
  private static final int DYNPTR_BYTES = 16;
  private static final int WORD = 8;

  private final Verification v;
  private final HelperMemory memory;
  private final HelperSpec helper;
  private final StackObjects objects;
  private final StackBounds bounds;

  /** The dynptr whose memory the call works on, or null. */
  Dynptr dynptr;

  /** The iterator the call works on, or null. */
  OpenIterator iterator;

  /** The frame and the slot that {@link #iterator} is in. */
  int iteratorFrame;

  int iteratorSlot;

  ObjectArguments(Verification v, HelperMemory memory, HelperSpec helper) {
    this.v = v;
    this.memory = memory;
    this.helper = helper;
    this.objects = new StackObjects(v);
    this.bounds = new StackBounds(v);
  }

  void check(int register, ArgumentKind kind, RegisterState value) throws VerifierException {
    switch (kind) {
      case DYNPTR -> use(register, value);
      case NEW_LOCAL_DYNPTR -> make(register, value, DynptrType.LOCAL, 0);
      case NEW_RINGBUF_DYNPTR -> make(register, value, DynptrType.RINGBUF, 0);
      case NEW_PACKET_DYNPTR -> make(register, value, DynptrType.PACKET, 0);
      case NEW_DYNPTR_CLONE -> make(register, value, dynptr.type(), dynptr.reference());
      case RELEASED_DYNPTR -> giveBack(register, value);
      case NEW_ITERATOR -> makeIterator(register, value, IteratorType.NUMBERS);
      case ITERATOR -> findIterator(register, value, IteratorType.NUMBERS);
      case DESTROYED_ITERATOR -> destroyIterator(register, value, IteratorType.NUMBERS);
      case NEW_BITS_ITERATOR -> makeIterator(register, value, IteratorType.BITS);
      case BITS_ITERATOR -> findIterator(register, value, IteratorType.BITS);
      case DESTROYED_BITS_ITERATOR -> destroyIterator(register, value, IteratorType.BITS);
      case NEW_IRQ_FLAG -> saveInterrupts(register, value, false);
      case NEW_LOCK_IRQ_FLAG -> saveInterrupts(register, value, true);
      case LOCK_IRQ_FLAG -> restoreInterrupts(register, value, true);
      default -> restoreInterrupts(register, value, false);
    }
  }

  /** Where on the stack an object is or is to be, as an offset from r10. */
  private int place(int register, RegisterState value, int size, String what)
      throws VerifierException {
    if (value.kind() != RegisterKind.STACK) {
      throw refuse(register, value, "not a pointer to " + what + " on the stack");
    }
    if (!value.hasFixedOffset()) {
      throw refuse(register, value, "and " + what + " has to be at a known offset");
    }
    long at = value.fixedOffset();
    if (at % WORD != 0 || at > -size) {
      throw refuse(
          register, value, "and " + what + " takes " + size + " bytes of stack, in whole slots");
    }
    bounds.checkWithin(register, value, 0, size, true);
    return (int) at;
  }

  private void make(int register, RegisterState value, DynptrType type, int reference)
      throws VerifierException {
    int at = place(register, value, DYNPTR_BYTES, "a new dynptr");
    objects.makeDynptr(value.frame(), at, type, reference);
  }

  private void use(int register, RegisterState value) throws VerifierException {
    if (value.kind() == RegisterKind.DYNPTR) {
      if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
        throw refuse(register, value, "not the start of the dynptr");
      }
      dynptr = new Dynptr(DynptrType.values()[value.size()], true, value.mapId(), 0);
      return;
    }
    Dynptr found = find(register, value);
    if (dynptr == null) {
      dynptr = found;
    }
  }

  private Dynptr find(int register, RegisterState value) throws VerifierException {
    int at = place(register, value, DYNPTR_BYTES, "a dynptr");
    int slot = Frame.slotOf(at);
    if (!(v.state.frames[value.frame()].slot(slot).object() instanceof Dynptr found)
        || !found.first()) {
      throw refuse(register, value, "where no dynptr was made");
    }
    v.markRead(v.state, value.frame(), 3L << slot - 1);
    return found;
  }

  private void giveBack(int register, RegisterState value) throws VerifierException {
    if (value.kind() == RegisterKind.DYNPTR) {
      throw refuse(register, value, "which was lent and cannot be given back");
    }
    Dynptr found = find(register, value);
    if (found.reference() == 0) {
      throw refuse(register, value, "a dynptr that holds no record to give back");
    }
    v.release(found.reference());
    Frame frame = v.state.frames[value.frame()];
    for (int slot = 0; slot < frame.slots(); slot++) {
      if (frame.slot(slot).object() instanceof Dynptr other
          && other.first()
          && other.reference() == found.reference()) {
        objects.forget(frame, slot, other);
      }
    }
  }

  private void makeIterator(int register, RegisterState value, IteratorType type)
      throws VerifierException {
    int at = place(register, value, type.size(), "a new iterator");
    for (int i = 0; i < type.size(); i += WORD) {
      if (objectAt(value, at + i) instanceof OpenIterator) {
        throw refuse(register, value, "where an iterator is that was not destroyed");
      }
    }
    int reference = v.acquire(Resource.ITERATOR);
    objects.make(value.frame(), at, new OpenIterator(type, true, reference, false, 0));
    for (int i = WORD; i < type.size(); i += WORD) {
      objects.make(value.frame(), at + i, new OpenIterator(type, false, reference, false, 0));
    }
  }

  private void findIterator(int register, RegisterState value, IteratorType type)
      throws VerifierException {
    int at = place(register, value, type.size(), "an iterator");
    for (int i = 0; i < type.size(); i += WORD) {
      if (!(objectAt(value, at + i) instanceof OpenIterator found)
          || found.type() != type
          || found.first() != (i == 0)) {
        throw refuse(register, value, "where no iterator was made");
      }
      v.markRead(v.state, value.frame(), 1L << Frame.slotOf(at + i));
    }
    iterator = (OpenIterator) objectAt(value, at);
    iteratorFrame = value.frame();
    iteratorSlot = Frame.slotOf(at);
  }

  private void destroyIterator(int register, RegisterState value, IteratorType type)
      throws VerifierException {
    findIterator(register, value, type);
    v.release(iterator.reference());
    for (int i = 0; i < type.size() / WORD; i++) {
      v.state.frames[iteratorFrame].clear(iteratorSlot - i);
    }
  }

  private void saveInterrupts(int register, RegisterState value, boolean byLock)
      throws VerifierException {
    int at = place(register, value, WORD, "an interrupt flag");
    if (objectAt(value, at) instanceof IrqFlag) {
      throw refuse(register, value, "where an interrupt flag is that was not restored");
    }
    objects.make(value.frame(), at, new IrqFlag(v.acquire(Resource.INTERRUPTS), byLock));
  }

  private void restoreInterrupts(int register, RegisterState value, boolean byLock)
      throws VerifierException {
    int at = place(register, value, WORD, "an interrupt flag");
    if (!(objectAt(value, at) instanceof IrqFlag flag)) {
      throw refuse(register, value, "where no interrupt flag was saved");
    }
    if (flag.byLock() != byLock) {
      throw refuse(
          register,
          value,
          byLock
              ? "a flag that bpf_local_irq_save saved: restore it with bpf_local_irq_restore"
              : "a flag that a lock saved: release that with bpf_res_spin_unlock_irqrestore");
    }
    VerifierState.Acquired innermost = v.state.innermost(Resource.INTERRUPTS);
    if (innermost.id() != flag.reference()) {
      throw refuse(
          register,
          value,
          "but the flag saved by instruction "
              + innermost.instruction()
              + " has to be restored before it");
    }
    int slot = Frame.slotOf(at);
    v.markRead(v.state, value.frame(), 1L << slot);
    v.release(flag.reference());
    v.state.frames[value.frame()].clear(slot);
  }

  private StackObject objectAt(RegisterState value, int at) {
    return v.state.frames[value.frame()].slot(Frame.slotOf(at)).object();
  }

  private VerifierException refuse(int register, RegisterState value, String reason) {
    return memory.refuse(helper, register, value, reason);
  }
}
