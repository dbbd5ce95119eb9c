package org.xdp4j.bpf.map;

import java.util.Arrays;

/**
 * A node of the longest-prefix-match trie: it decides by one byte of the key.
 *
 * <pre>
 *  key bytes:   ... | skip, all equal to the node's own | byte decided by | ...
 * </pre>
 *
 * A prefix of n bits (n &gt; 0) is kept in the node that decides by byte (n - 1) / 8, as the 1 to 8
 * bits of it that lie in that byte. For lookups they are spread over the 256 values of the byte:
 * runs of equal best match, found by counting bits, or one a value once they are many. Children are
 * kept likewise.
 *
 * <p>A node never changes but for {@link #replaceChild}: whoever changes the trie makes new nodes
 * and puts them into the old one's place, so readers need no lock and the old nodes are garbage.
 */
final class LpmNode implements HeapAccount.Part {
  private static final short[] NO_IDS = {};
  private static final long[] NO_VALUES = {};
  private static final LpmNode[] NO_CHILDREN = {};

  /** From this many on, one slot for each value of the byte is quicker and not much larger. */
  private static final int DENSE = 48;

  /** Four ints, a long and seven references. */
  private static final int OBJECT = HeapAccount.object(3 * 4 + 8 + 7 * 4);

  /** Bytes of the key between the parent's byte and this node's. */
  final byte[] skip;

  /** {@code skip.length}, here so that the common 0 costs no look at the array. */
  final int skipLength;

  // A node with one own prefix, as most are, says here which values of the byte it matches.
  private final int onlyFirst;
  private final int onlyCount;
  private final long onlyValue;

  /** Own prefixes, ascending: {@code 1 << bits | the bits}, and the address of each one's value. */
  private final short[] ids;

  private final long[] values;

  private final ByteMap runs;
  private final long[] runValues;
  private final ByteMap branches;
  private final LpmNode[] children;

  private LpmNode(byte[] skip, short[] ids, long[] values, ByteMap branches, LpmNode[] children) {
    this.skip = skip;
    this.ids = ids;
    this.values = values;
    this.branches = branches;
    this.children = children;
    this.skipLength = skip.length;
    if (ids.length <= 1) {
      boolean one = ids.length == 1;
      onlyFirst = one ? first(ids[0]) : 0;
      onlyCount = one ? count(ids[0]) : 0;
      onlyValue = one ? values[0] : 0;
      runs = null;
      runValues = null;
      return;
    }
    onlyFirst = 0;
    onlyCount = 0;
    onlyValue = 0;
    long[] spread = spread();
    int starts = 1;
    for (int b = 1; b < 256; b++) {
      starts += spread[b] != spread[b - 1] ? 1 : 0;
    }
    if (starts >= DENSE) {
      runs = null;
      runValues = spread;
    } else {
      runs = ByteMap.where(b -> b == 0 || spread[b] != spread[b - 1]);
      runValues = runs.compress(spread);
    }
  }

  /** The first value of the byte that an own prefix matches. */
  private static int first(int id) {
    int bits = bits(id);
    return (id & (1 << bits) - 1) << 8 - bits;
  }

  /** How many values of the byte an own prefix matches. */
  private static int count(int id) {
    return 1 << 8 - bits(id);
  }

  /** A node with one prefix and no children. */
  static LpmNode leaf(byte[] skip, int id, long value) {
    return new LpmNode(
        skip, new short[] {(short) id}, new long[] {value}, ByteMap.EMPTY, NO_CHILDREN);
  }

  /** A node with no prefixes and no children yet. */
  static LpmNode branch(byte[] skip) {
    return new LpmNode(skip, NO_IDS, NO_VALUES, ByteMap.EMPTY, NO_CHILDREN);
  }

  /** The best match of each value of the byte: longer prefixes, which come later, overwrite. */
  private long[] spread() {
    long[] spread = new long[256];
    for (int i = 0; i < ids.length; i++) {
      int first = first(ids[i]);
      Arrays.fill(spread, first, first + count(ids[i]), values[i]);
    }
    return spread;
  }

  /** How many bits of the byte an own prefix has. */
  static int bits(int id) {
    return 31 - Integer.numberOfLeadingZeros(id);
  }

  /** The own prefix of {@code bits} bits that {@code value} of the byte begins with. */
  static int id(int value, int bits) {
    return 1 << bits | value >>> 8 - bits;
  }

  /** The value's address of the longest own prefix that matches, or 0. */
  long best(int value) {
    long[] several = runValues;
    if (several == null) {
      int distance = value - onlyFirst;
      return distance >= 0 && distance < onlyCount ? onlyValue : 0;
    }
    return several[runs == null ? value : runs.countUpTo(value) - 1];
  }

  /** The same among prefixes of at most {@code bits} bits. */
  long best(int value, int bits) {
    for (int n = bits; n > 0; n--) {
      long found = own(id(value, n));
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }

  /** The address of an own prefix's value, or 0. */
  long own(int id) {
    int at = Arrays.binarySearch(ids, (short) id);
    return at < 0 ? 0 : values[at];
  }

  /** The child for a value of the byte, or null. */
  LpmNode child(int value) {
    if (branches == null) {
      return children[value];
    }
    if (branches == ByteMap.EMPTY) {
      return null;
    }
    return branches.has(value) ? children[branches.countUpTo(value) - 1] : null;
  }

  /** Puts another child into the place of one that is there. */
  void replaceChild(int value, LpmNode child) {
    children[branches == null ? value : branches.countUpTo(value) - 1] = child;
  }

  LpmNode withSkip(byte[] other) {
    return new LpmNode(other, ids, values, branches, children);
  }

  /** With an own prefix added, or its value replaced. */
  LpmNode withOwn(int id, long value) {
    int at = Arrays.binarySearch(ids, (short) id);
    if (at >= 0) {
      long[] replaced = values.clone();
      replaced[at] = value;
      return new LpmNode(skip, ids, replaced, branches, children);
    }
    int to = -at - 1;
    short[] moreIds = Arrays.copyOf(ids, ids.length + 1);
    long[] moreValues = Arrays.copyOf(values, values.length + 1);
    System.arraycopy(ids, to, moreIds, to + 1, ids.length - to);
    System.arraycopy(values, to, moreValues, to + 1, ids.length - to);
    moreIds[to] = (short) id;
    moreValues[to] = value;
    return new LpmNode(skip, moreIds, moreValues, branches, children);
  }

  /** Without an own prefix that is there. */
  LpmNode withoutOwn(int id) {
    int at = Arrays.binarySearch(ids, (short) id);
    short[] fewerIds = new short[ids.length - 1];
    long[] fewerValues = new long[ids.length - 1];
    for (int i = 0; i < fewerIds.length; i++) {
      int from = i < at ? i : i + 1;
      fewerIds[i] = ids[from];
      fewerValues[i] = values[from];
    }
    return new LpmNode(skip, fewerIds, fewerValues, branches, children);
  }

  /** With a child added where there is none, or with {@code null} without the one there is. */
  LpmNode withChild(int value, LpmNode child) {
    LpmNode[] spread = new LpmNode[256];
    int count = 0;
    for (int b = 0; b < 256; b++) {
      spread[b] = b == value ? child : child(b);
      count += spread[b] != null ? 1 : 0;
    }
    if (count >= DENSE) {
      return new LpmNode(skip, ids, values, null, spread);
    }
    ByteMap map = count == 0 ? ByteMap.EMPTY : ByteMap.where(b -> spread[b] != null);
    LpmNode[] some = new LpmNode[count];
    for (int b = 0, i = 0; b < 256; b++) {
      if (spread[b] != null) {
        some[i++] = spread[b];
      }
    }
    return new LpmNode(skip, ids, values, map, some);
  }

  /** Bytes of Java heap it takes, children not counted. */
  @Override
  public int heap() {
    return OBJECT
        + HeapAccount.array(skipLength, 1)
        + (ids.length == 0
            ? 0
            : HeapAccount.array(ids.length, Short.BYTES)
                + HeapAccount.array(ids.length, Long.BYTES))
        + (runs == null ? 0 : ByteMap.HEAP)
        + (runValues == null ? 0 : HeapAccount.array(runValues.length, Long.BYTES))
        + (branches == null || branches == ByteMap.EMPTY ? 0 : ByteMap.HEAP)
        + HeapAccount.array(children.length, Integer.BYTES);
  }

  int ownCount() {
    return ids.length;
  }

  /** The value of the byte that leads to the only child; -1 when there is not exactly one. */
  int onlyBranch() {
    return branches != null && children.length == 1 ? branches.next(0) : -1;
  }

  boolean hasChildren() {
    return branches == null || children.length > 0;
  }

  long valueAt(int i) {
    return values[i];
  }
}
