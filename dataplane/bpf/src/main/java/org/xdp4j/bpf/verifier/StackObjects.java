package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.verifier.StackObject.Dynptr;
import org.xdp4j.bpf.verifier.StackObject.DynptrType;

/** Making, finding and losing objects on the stack. */
final class StackObjects {
  private final Verification v;

  StackObjects(Verification v) {
    this.v = v;
  }

  /**
   * A store to {@code slot} is about to happen: a dynptr there is lost, with all slices of its
   * memory; iterators and interrupt flags are lost too, which leaves them unreleased.
   */
  void overwrite(Frame frame, int slot) throws VerifierException {
    switch (frame.slot(slot).object()) {
      case null -> {
        // Nothing is lost.
      }
      case Dynptr dynptr -> {
        if (dynptr.reference() != 0) {
          throw v.refuse(
              "this would overwrite the dynptr of a record that must be submitted or discarded"
                  + " first");
        }
        forget(frame, slot, dynptr);
      }
      default -> frame.clear(slot);
    }
  }

  /** Loses the dynptr that {@code slot} is half of. */
  void forget(Frame frame, int slot, Dynptr half) {
    frame.clear(slot);
    frame.clear(half.first() ? slot - 1 : slot + 1);
    v.state.replaceAll(
        r -> r.kind() == RegisterKind.MEMORY && r.mapId() == half.id() ? RegisterState.UNKNOWN : r);
  }

  /** Makes a dynptr at {@code at} from r10 of {@code frame}. */
  void makeDynptr(int number, int at, DynptrType type, int reference) throws VerifierException {
    Frame frame = v.state.frames[number];
    int slot = Frame.slotOf(at);
    v.useStack(frame, at);
    overwrite(frame, slot);
    overwrite(frame, slot - 1);
    int id = v.newId();
    int held = reference;
    if (type == DynptrType.RINGBUF && reference == 0) {
      held = v.acquire(Resource.RECORD);
    }
    frame.put(slot, new Dynptr(type, true, id, held));
    frame.put(slot - 1, new Dynptr(type, false, id, held));
    v.state.markWritten(number, 3L << slot - 1);
  }

  /** Makes an object of one slot at {@code at} from r10 of frame {@code number}. */
  void make(int number, int at, StackObject object) throws VerifierException {
    Frame frame = v.state.frames[number];
    int slot = Frame.slotOf(at);
    v.useStack(frame, at);
    overwrite(frame, slot);
    frame.put(slot, object);
    v.state.markWritten(number, 1L << slot);
  }

  /** The first object that the bytes {@code low} to {@code high} from r10 touch, or null. */
  static StackObject within(Frame frame, int low, int high) {
    for (int slot = Frame.slotOf(high - 1); slot <= Frame.slotOf(low); slot++) {
      StackObject object = frame.slot(slot).object();
      if (object != null) {
        return object;
      }
    }
    return null;
  }

  /** Refuses to read the bytes {@code low} to {@code high} when an object is among them. */
  void checkReadable(Frame frame, int low, int high) throws VerifierException {
    StackObject object = within(frame, low, high);
    if (object != null) {
      throw v.refuse(
          "this reads the stack from fp - "
              + -low
              + ", where "
              + object.text()
              + " is, which only helpers and kernel functions may read");
    }
  }
}
