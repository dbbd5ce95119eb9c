package org.xdp4j.bpf.map;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What was in a map at one time, apart from any region: to be looked at, sent elsewhere, and merged
 * with what the same map held in another run.
 *
 * <p>Merging is associative, and merging with an empty snapshot changes nothing, so parts of a run
 * may be merged in any grouping, in their order:
 *
 * <ul>
 *   <li>{@link Rule#SUM}, of per-CPU maps unless said otherwise: keys of either; values added CPU
 *       by CPU, number by number ({@link #lanes}), wrapping around. Also commutative.
 *   <li>{@link Rule#LATER}, of all other maps unless said otherwise: keys of either; the value of
 *       the later snapshot, the argument of {@link #merge}, where both have the key. So a map that
 *       only configures a program stays as it is.
 *   <li>{@link Rule#APPEND}, of queues and stacks: the values of the earlier and then those of the
 *       later, the oldest first, as many as the map takes; what is pushed beyond that Linux refuses
 *       too. Their keys are empty.
 * </ul>
 *
 * A map whose contents user space cannot read (ring buffer, bloom filter, XSK map) has an empty
 * snapshot.
 *
 * @param spec what the map was made from
 * @param cpus values a key has
 * @param rule what merging does to a key that both have
 * @param lanes bytes of each number in a value, from its beginning, 1, 2, 4 or 8; what they leave
 *     over is not added but taken from the later
 * @param entries of a queue or stack the oldest first, else by ascending key; keys of 4 and 8 bytes
 *     as little-endian numbers, others byte by byte. Of a prefix, the bits behind its end are zero
 */
public record MapSnapshot(
    MapSpec spec, int cpus, Rule rule, List<Integer> lanes, List<Entry> entries)
    implements Serializable {

  /** What merging does to a key that both snapshots have. */
  public enum Rule {
    /** Adds the values. */
    SUM,
    /** Keeps the later value. */
    LATER,
    /** There are no keys: one's values follow the other's. */
    APPEND
  }

  /**
   * A key and its values.
   *
   * @param values one for each CPU, one after the other without padding
   */
  public record Entry(byte[] key, byte[] values) implements Serializable {
    @Override
    public boolean equals(Object other) {
      return other instanceof Entry e
          && Arrays.equals(key, e.key)
          && Arrays.equals(values, e.values);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(key) + Arrays.hashCode(values);
    }
  }

  /** Copies its lists. */
  public MapSnapshot {
    lanes = List.copyOf(lanes);
    entries = List.copyOf(entries);
  }

  /**
   * Reads every entry. Entries that others change meanwhile are seen before or after their change.
   */
  public static MapSnapshot of(BpfMap map) {
    MapSpec spec = map.spec();
    if (map instanceof QueueMap queue) {
      List<Entry> values = queue.values().stream().map(v -> new Entry(new byte[0], v)).toList();
      return new MapSnapshot(spec, 1, Rule.APPEND, words(spec.valueSize()), values);
    }
    TreeMap<byte[], byte[]> entries = new TreeMap<>(MapSnapshot::compareKeys);
    for (byte[] key : map.keys()) {
      byte[] values = map.get(key);
      if (values != null) {
        entries.put(spec.type() == MapType.LPM_TRIE ? LpmTrieMap.canonical(key) : key, values);
      }
    }
    boolean perCpu = spec.type() != null && spec.type().isPerCpu();
    return new MapSnapshot(
        spec,
        map.valuesPerKey(),
        perCpu ? Rule.SUM : Rule.LATER,
        words(spec.valueSize()),
        list(entries));
  }

  /** The same, to be merged otherwise: for values whose numbers are not all 64 bits wide. */
  public MapSnapshot withRule(Rule other, List<Integer> widths) {
    if ((rule == Rule.APPEND) != (other == Rule.APPEND)) {
      throw new IllegalArgumentException(
          "a map of type " + spec.type() + " is not merged by " + other);
    }
    int total = 0;
    for (int width : widths) {
      if (width < 1 || width > 8 || Integer.bitCount(width) != 1) {
        throw new IllegalArgumentException("a number has 1, 2, 4 or 8 bytes, not " + width);
      }
      total += width;
    }
    if (total > spec.valueSize()) {
      throw new IllegalArgumentException(
          "numbers of " + total + " bytes in a value of " + spec.valueSize());
    }
    return new MapSnapshot(spec, cpus, other, widths, entries);
  }

  /**
   * This snapshot and a later one as one.
   *
   * @throws IllegalArgumentException when they are not of maps with the same name, type and sizes
   */
  public MapSnapshot merge(MapSnapshot later) {
    MapSpec other = later.spec;
    if (!spec.name().equals(other.name())
        || spec.typeId() != other.typeId()
        || spec.keySize() != other.keySize()
        || spec.valueSize() != other.valueSize()
        || rule != later.rule
        || !lanes.equals(later.lanes)) {
      throw new IllegalArgumentException(
          "map '%s' cannot be merged with map '%s' of another shape"
              .formatted(spec.name(), other.name()));
    }
    if (rule == Rule.APPEND) {
      List<Entry> all = Stream.concat(entries.stream(), later.entries.stream()).toList();
      List<Entry> kept = all.subList(0, Math.min(all.size(), spec.maxEntries()));
      return new MapSnapshot(spec, cpus, rule, lanes, kept);
    }
    TreeMap<byte[], byte[]> merged = new TreeMap<>(MapSnapshot::compareKeys);
    entries.forEach(e -> merged.put(e.key, e.values));
    for (Entry e : later.entries) {
      merged.merge(e.key, e.values, rule == Rule.SUM ? this::add : (a, b) -> b);
    }
    return new MapSnapshot(spec, Math.max(cpus, later.cpus), rule, lanes, list(merged));
  }

  /** Each key's values added up over the CPUs: one value a key. */
  public MapSnapshot total() {
    int size = spec.valueSize();
    List<Entry> totals = new ArrayList<>();
    for (Entry e : entries) {
      byte[] sum = Arrays.copyOf(e.values, size);
      for (int at = size; at < e.values.length; at += size) {
        sum = add(sum, Arrays.copyOfRange(e.values, at, at + size));
      }
      totals.add(new Entry(e.key, sum));
    }
    return new MapSnapshot(spec, 1, rule, lanes, totals);
  }

  /** Adds values number by number; the longer, of more CPUs, gives the length. */
  private byte[] add(byte[] earlier, byte[] later) {
    int length = Math.max(earlier.length, later.length);
    byte[] sum = Arrays.copyOf(earlier, length);
    byte[] more = Arrays.copyOf(later, length);
    for (int value = 0; value < length; value += spec.valueSize()) {
      int at = value;
      for (int width : lanes) {
        addNumber(sum, more, at, width);
        at += width;
      }
      if (value < later.length) {
        System.arraycopy(more, at, sum, at, value + spec.valueSize() - at);
      }
    }
    return sum;
  }

  private static void addNumber(byte[] sum, byte[] more, int at, int width) {
    int carry = 0;
    for (int i = at; i < at + width; i++) {
      int digit = (sum[i] & 0xFF) + (more[i] & 0xFF) + carry;
      sum[i] = (byte) digit;
      carry = digit >>> 8;
    }
  }

  /** Eight bytes a number, and smaller ones at the end. */
  private static List<Integer> words(int size) {
    List<Integer> widths = new ArrayList<>();
    int left = size;
    for (int width = 8; width > 0; width /= 2) {
      for (; left >= width; left -= width) {
        widths.add(width);
      }
    }
    return widths;
  }

  private static List<Entry> list(TreeMap<byte[], byte[]> entries) {
    return entries.entrySet().stream().map(e -> new Entry(e.getKey(), e.getValue())).toList();
  }

  private static int compareKeys(byte[] a, byte[] b) {
    if (a.length == b.length && (a.length == 4 || a.length == 8)) {
      for (int i = a.length - 1; i >= 0; i--) {
        if (a[i] != b[i]) {
          return Integer.compare(a[i] & 0xFF, b[i] & 0xFF);
        }
      }
      return 0;
    }
    return Arrays.compareUnsigned(a, b);
  }
}
