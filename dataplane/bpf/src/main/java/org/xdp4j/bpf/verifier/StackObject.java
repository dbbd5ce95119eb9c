package org.xdp4j.bpf.verifier;

/**
 * What a program keeps on its stack but only helpers and kernel functions may read and write. It
 * takes whole slots, each of which says what it is a part of.
 */
sealed interface StackObject {
  /** The acquired resource it stands for, 0 for none. */
  int reference();

  /** Whether {@code other} is alike but for the ids of both, which the caller compares. */
  boolean isLike(StackObject other);

  /** The noun that messages use. */
  String text();

  /** What a dynptr points at. */
  enum DynptrType {
    /** A value of a map. */
    LOCAL,
    /** A record of a ring buffer, to be submitted or discarded. */
    RINGBUF,
    /** The packet. */
    PACKET
  }

  /**
   * Half of a dynptr, which takes two slots.
   *
   * @param first whether it is the half at the lower address
   * @param id what slices of its memory carry
   */
  record Dynptr(DynptrType type, boolean first, int id, int reference) implements StackObject {
    @Override
    public boolean isLike(StackObject other) {
      return other instanceof Dynptr d && d.type == type && d.first == first;
    }

    @Override
    public String text() {
      return "a dynptr";
    }
  }

  /**
   * An iterator over numbers.
   *
   * @param drained whether it said that there are no more
   * @param depth how often it gave a number on this path
   */
  record NumberIterator(int reference, boolean drained, int depth) implements StackObject {
    /** After it gave another number. */
    NumberIterator advanced() {
      return new NumberIterator(reference, false, depth + 1);
    }

    /** After it said that there are no more. */
    NumberIterator ended() {
      return new NumberIterator(reference, true, depth);
    }

    @Override
    public boolean isLike(StackObject other) {
      return other instanceof NumberIterator i && i.drained == drained;
    }

    @Override
    public String text() {
      return "an iterator";
    }
  }

  /** A saved interrupt flag. */
  record IrqFlag(int reference) implements StackObject {
    @Override
    public boolean isLike(StackObject other) {
      return other instanceof IrqFlag;
    }

    @Override
    public String text() {
      return "a saved interrupt flag";
    }
  }
}
