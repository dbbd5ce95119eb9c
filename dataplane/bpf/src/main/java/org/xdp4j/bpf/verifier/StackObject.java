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

  /** What an iterator goes through. */
  enum IteratorType {
    /** A range of numbers: {@code struct bpf_iter_num}. */
    NUMBERS(8),
    /** The bits of some words: {@code struct bpf_iter_bits}. */
    BITS(16);

    private final int size;

    IteratorType(int size) {
      this.size = size;
    }

    /** Bytes of stack it takes. */
    int size() {
      return size;
    }
  }

  /**
   * A slot of an iterator.
   *
   * @param first whether it is the one at the lowest address, which alone counts
   * @param drained whether it said that there are no more
   * @param depth how often it gave an element on this path
   */
  record OpenIterator(IteratorType type, boolean first, int reference, boolean drained, int depth)
      implements StackObject {
    /** After it gave another element. */
    OpenIterator advanced() {
      return new OpenIterator(type, first, reference, false, depth + 1);
    }

    /** After it said that there are no more. */
    OpenIterator ended() {
      return new OpenIterator(type, first, reference, true, depth);
    }

    @Override
    public boolean isLike(StackObject other) {
      return other instanceof OpenIterator i
          && i.type == type
          && i.first == first
          && i.drained == drained;
    }

    @Override
    public String text() {
      return "an iterator";
    }
  }

  /**
   * A saved interrupt flag.
   *
   * @param byLock whether taking a lock saved it, so that releasing that restores it
   */
  record IrqFlag(int reference, boolean byLock) implements StackObject {
    @Override
    public boolean isLike(StackObject other) {
      return other instanceof IrqFlag flag && flag.byLock == byLock;
    }

    @Override
    public String text() {
      return "a saved interrupt flag";
    }
  }
}
