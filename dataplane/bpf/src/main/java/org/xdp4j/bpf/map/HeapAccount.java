package org.xdp4j.bpf.map;

/**
 * The Java heap that the index of a map takes, which grows and shrinks as the map is filled. Before
 * a change it makes sure, in the map's budget, of as much as any one change may take, so that no
 * change is refused half-way; each change then says what it came to. One thread at a time.
 *
 * <p>Sizes are HotSpot's, with compressed references: a header of 12 bytes, or 16 with an array's
 * length, then the fields; multiples of 8.
 */
final class HeapAccount {
  /**
   * What one change takes at most: of a node with 256 slots, each with a bucket that grows, or of
   * the same with values; and a few small nodes.
   */
  static final int CHANGE = 16 << 10;

  /** It goes to the budget for this much at a time, where there is as much. */
  private static final int STEP = 32 << 10;

  private static final int ARRAY_HEADER = 16;

  /** What an index is made of. */
  interface Part {
    /** Bytes of Java heap that it takes, parts below it in the index not counted. */
    int heap();
  }

  private final MapMemory owned;
  private long held;
  private long charged;

  HeapAccount(MapMemory owned) {
    this.owned = owned;
  }

  /** Bytes of an array. */
  static int array(int length, int element) {
    return ARRAY_HEADER + length * element + 7 & -8;
  }

  /** Bytes of an object with fields of so many bytes. */
  static int object(int fields) {
    return 12 + fields + 7 & -8;
  }

  /**
   * Makes sure that a change, and {@code more} bytes, can be had, and after it a replacement.
   *
   * @param replaces whether it is a replacement itself: of what is there by as much
   * @throws OverBudgetException when they cannot
   */
  void reserve(boolean replaces, long more) {
    long needed = held + (replaces ? CHANGE : 2 * CHANGE) + more - charged;
    if (needed <= 0) {
      return;
    }
    if (needed < STEP && owned.tryHeap(STEP)) {
      charged += STEP;
    } else {
      owned.heap(needed);
      charged += needed;
    }
  }

  /** So much more is held now, or less. */
  void add(long bytes) {
    held += bytes;
    if (held > charged) {
      owned.forceHeap(held - charged);
      charged = held;
    }
    long spare = charged - held - CHANGE;
    if (spare > 2 * STEP) {
      owned.giveHeap(spare - STEP);
      charged -= spare - STEP;
    }
  }

  /** The same outside of a change, of what is reserved for changes nothing: more was given back. */
  void addBeside(long bytes) {
    owned.forceHeap(bytes);
    charged += bytes;
    held += bytes;
  }

  /** A part that is new. */
  <P extends Part> P made(P part) {
    add(part.heap());
    return part;
  }

  /** A part that takes the place of another, which is no longer held. */
  <P extends Part> P instead(P old, P fresh) {
    add(fresh.heap() - old.heap());
    return fresh;
  }

  /** Bytes that are held. */
  long held() {
    return held;
  }
}
