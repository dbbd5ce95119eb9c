package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * A map. Programs reach it by addresses ({@link #lookup}, {@link #update}, {@link #delete}), on any
 * worker thread at once; user space by byte arrays ({@link #get}, {@link #put}, {@link #remove},
 * {@link #keys}). Errors are negative errno values ({@link Errno}), as a helper returns them.
 */
public abstract class BpfMap {
  // Flags of update and lookup (linux/bpf.h).
  public static final long ANY = 0;
  public static final long NOEXIST = 1;
  public static final long EXIST = 2;
  public static final long F_LOCK = 4;

  private final MapSpec spec;
  private final long address;
  private final MapMemory owned;
  protected final Region region;

  /** The region's memory, where keys and values are. */
  final MemorySegment memory;

  final int keySize;
  final int valueSize;
  final int maxEntries;

  /** Where user space's key and value are put, so that they have addresses too. */
  private final long scratchKey;

  private final long scratchValue;
  private boolean frozen;

  /** Who holds it, users and others; with the last of them it is freed (Linux: refcnt). */
  private int holders = 1;

  /** How many of them are users: written under the lock (Linux: usercnt). */
  private volatile int users = 1;

  /** The timers in its values; null when these have none. */
  private final MapTimers timers;

  /** The work in its values; null when these have none. */
  private final MapTimers work;

  /** Whether its values may own objects that programs allocated. */
  private final boolean ownsObjects;

  /** What kind of program it takes, where programs stand in it. */
  private final ProgramOwner owner = new ProgramOwner();

  /** How values are copied. */
  final ValueFields fields;

  BpfMap(MapSpec spec, MapMemory owned) {
    this.spec = spec;
    this.fields = new ValueFields(spec, owned.region());
    this.owned = owned;
    this.region = owned.region();
    this.memory = region.segment();
    this.keySize = spec.keySize();
    this.valueSize = spec.valueSize();
    this.maxEntries = spec.maxEntries();
    this.scratchKey = owned.allocate(Words.roundUp8(keySize), 8);
    this.scratchValue = owned.allocate(Words.roundUp8(valueSize), 8);
    this.address = owned.attach(this);
    int timer = spec.offsetOf(SpecialField.Kind.TIMER);
    this.timers = timer < 0 ? null : new MapTimers(this, timer);
    int queue = spec.offsetOf(SpecialField.Kind.WORK_QUEUE);
    this.work = queue < 0 ? null : new MapTimers(this, queue);
    this.ownsObjects = spec.fields().stream().anyMatch(field -> field.kind().ownsObjects());
  }

  /**
   * The map that a register holds.
   *
   * @throws IllegalStateException when the address is no map's, which only a fault of ours causes
   */
  public static BpfMap at(Region region, long address) {
    if (region.attached(address) instanceof BpfMap map) {
      return map;
    }
    throw new IllegalStateException("no map at address 0x" + Long.toHexString(address));
  }

  /** What it was made from. */
  public final MapSpec spec() {
    return spec;
  }

  /** Its name in the object. */
  public final String name() {
    return spec.name();
  }

  /** What a program's register holds when it points at this map: unique in the region, never 0. */
  public final long address() {
    return address;
  }

  /** A small number, unique among the region's maps at one time, as user space's map ids are. */
  public final int id() {
    return (int) ((address - Region.FIRST_HANDLE) >>> 6) + 1;
  }

  /**
   * Whether a program of this kind may use it, or stand in it, when it is a map that programs stand
   * in: as the first one, or when it is of that one's kind.
   */
  public final boolean admits(ProgramKind kind) {
    return owner.admits(kind, spec.type() == MapType.PROG_ARRAY);
  }

  /** The kind of the first program that {@link #admits} was asked about; null for none yet. */
  public final ProgramKind programKind() {
    return owner.kind();
  }

  /** How many values a key has: 1, or the number of CPUs for a per-CPU map. */
  public int valuesPerKey() {
    return 1;
  }

  /**
   * {@code bpf_map_lookup_elem}.
   *
   * @param key address of the key
   * @return address of the value, of this CPU's for a per-CPU map; 0 when there is none
   */
  public abstract long lookup(long key, int cpu);

  /** How a compiled program finds a key by itself; null where it has to ask {@link #lookup}. */
  public HashLayout hashLayout() {
    return null;
  }

  /** {@code bpf_map_update_elem}: 0 or a negative errno. */
  public abstract long update(long key, long value, long flags, int cpu);

  /** {@code bpf_map_delete_elem}: 0 or a negative errno. */
  public abstract long delete(long key);

  /**
   * Reads an entry from user space.
   *
   * @return {@link #valuesPerKey} values of {@code valueSize} bytes one after the other, or null
   *     when there is none (and when the map is {@code BPF_F_WRONLY} or the key of a wrong size)
   */
  public final synchronized byte[] get(byte[] key) {
    if (key.length != keySize || (spec.flags() & MapSpec.F_WRONLY) != 0) {
      return null;
    }
    fill(scratchKey, key);
    byte[] value = read(scratchKey);
    if (value != null) {
      fields.blank(value);
    }
    return value;
  }

  /**
   * Reads an entry from user space while its {@code bpf_spin_lock} is held ({@code BPF_F_LOCK}).
   *
   * @return the value, or null when there is none (and when its type has no lock)
   */
  public final synchronized byte[] getLocked(byte[] key) {
    if (key.length != keySize || (spec.flags() & MapSpec.F_WRONLY) != 0 || !fields.hasLock()) {
      return null;
    }
    fill(scratchKey, key);
    long value = lookup(scratchKey, 0);
    if (value == 0) {
      return null;
    }
    fields.copyLocked(value, scratchValue, value);
    byte[] copy = bytes(scratchValue, valueSize);
    fields.blank(copy);
    return copy;
  }

  /**
   * Writes an entry from user space.
   *
   * @param value {@link #valuesPerKey} values one after the other, or one value, which every CPU
   *     then gets
   * @return 0 or a negative errno; -EPERM when the map is frozen or {@code BPF_F_RDONLY}
   */
  public final synchronized int put(byte[] key, byte[] value, long flags) {
    if (!writable()) {
      return Errno.EPERM;
    }
    boolean all = value.length == valueSize * (long) valuesPerKey();
    if (key.length != keySize || value.length != valueSize && !all) {
      return Errno.EINVAL;
    }
    fill(scratchKey, key);
    return write(scratchKey, value, flags);
  }

  /** Deletes an entry from user space: 0 or a negative errno. */
  public final synchronized int remove(byte[] key) {
    if (!writable()) {
      return Errno.EPERM;
    }
    if (key.length != keySize) {
      return Errno.EINVAL;
    }
    fill(scratchKey, key);
    return erase(scratchKey);
  }

  /** What {@link #get} does once the key is at {@code key}; one thread at a time. */
  byte[] read(long key) {
    long value = lookup(key, 0);
    return value == 0 ? null : bytes(value, valueSize);
  }

  /** What {@link #put} does once the key is at {@code key}; one thread at a time. */
  int write(long key, byte[] value, long flags) {
    fill(scratchValue, value);
    return (int) update(key, scratchValue, flags, 0);
  }

  /** What {@link #remove} does once the key is at {@code key}; one thread at a time. */
  int erase(long key) {
    return (int) delete(key);
  }

  /**
   * {@code bpf_map_sum_elem_count}: how many entries a hash has, 0 for others; those that come or
   * go meanwhile may or may not be counted. Takes as long as a walk over the hash.
   */
  public long countEntries() {
    return 0;
  }

  /**
   * The keys there are now, each once; entries that others add or delete meanwhile may or may not
   * be seen.
   */
  public abstract Iterable<byte[]> keys();

  /**
   * Whether {@code [address, address + size)} lies within one value of this map that a program may
   * touch.
   */
  public abstract boolean containsValue(long address, long size);

  /** Whether {@code [address, address + size)} lies within one key of this map in the region. */
  public boolean containsKey(long at, long size) {
    return false;
  }

  /**
   * {@code bpf_for_each_map_elem}: calls a subprogram with the map, each key, its value and {@code
   * argument}, until one returns another number than 0. Elements that come or go meanwhile may or
   * may not be seen.
   *
   * @return how often it was called
   * @throws UnsupportedOperationException for maps whose elements no program walks
   */
  public long forEach(XdpContext context, long function, long argument) {
    throw new UnsupportedOperationException("maps of type " + spec.type() + " are not walked");
  }

  /** The timers in its values; null when these have none. */
  public final MapTimers timers() {
    return timers;
  }

  /** The work in its values; null when these have none. */
  public final MapTimers work() {
    return work;
  }

  /** The value at this address is new or gone: its special fields are as if never used. */
  final void clearFields(long value) {
    if (timers != null) {
      timers.drop(value);
    }
    if (work != null) {
      work.drop(value);
    }
    if (ownsObjects) {
      ObjectFields.clear(region, value, spec.fields());
    }
  }

  /** The same for every CPU's value of an element. */
  final void clearElement(int element) {
    if (timers == null && work == null && !ownsObjects) {
      return;
    }
    for (int cpu = 0; cpu < valuesPerKey(); cpu++) {
      clearFields(valueOf(element, cpu));
    }
  }

  /** Writes a value over another; what the old one's fields owned is dropped. */
  final void place(long from, long to) {
    fields.copy(from, to);
    clearFields(to);
  }

  /** Writes user space's value or values over those of {@code slot}, one a CPU. */
  final void placeAll(PerCpuArea values, int slot, byte[] value) {
    if (spec.fields().isEmpty()) {
      values.write(memory, slot, value);
      return;
    }
    int step = value.length == valueSize ? 0 : valueSize;
    for (int cpu = 0; cpu < values.cpus(); cpu++) {
      MemorySegment.copy(value, cpu * step, memory, Region.BYTE, scratchValue, valueSize);
      place(scratchValue, values.address(slot, cpu));
    }
  }

  /** How many elements {@link #valueOf} knows, in use or not. */
  int elements() {
    return 0;
  }

  /** Where the key of the value at {@code value} lies, for a callback of {@code context}. */
  long keyOf(long value, XdpContext context) {
    return value - Words.roundUp8(keySize);
  }

  /** Where the value of a hash table's element lies, of this CPU's for a per-CPU map. */
  long valueOf(int element, int cpu) {
    throw new UnsupportedOperationException();
  }

  /** Refuses user space's writes from now on ({@code BPF_MAP_FREEZE}). */
  public final synchronized void freeze() {
    frozen = true;
  }

  /** Whether user space's writes are refused. */
  public final synchronized boolean frozen() {
    return frozen;
  }

  /** Whether its memory is of this region. */
  public final boolean livesIn(Region other) {
    return region == other;
  }

  /**
   * Lets another user share it, who must {@link #release} it too: an object, a pin, somebody who
   * reads it (Linux: a descriptor).
   *
   * @throws IllegalStateException when it has been freed
   */
  public final synchronized BpfMap hold() {
    addReference();
    users++;
    return this;
  }

  /** One user has done with it; the last of all who hold it frees it. */
  public final void release() {
    boolean last;
    synchronized (this) {
      if (users == 0) {
        return;
      }
      users--;
      last = users == 0;
    }
    if (last) {
      leftByUsers();
    }
    dropReference();
  }

  /**
   * Keeps it alive without using it: for a program that uses it, and a map of maps that has it,
   * which must {@link #dropReference} when no run can find it by them any more.
   *
   * @throws IllegalStateException when it has been freed
   */
  public final synchronized BpfMap addReference() {
    if (holders == 0) {
      throw new IllegalStateException("map " + name() + " has been freed");
    }
    holders++;
    return this;
  }

  /** What {@link #addReference} was for is gone. */
  public final void dropReference() {
    synchronized (this) {
      if (holders == 0 || --holders > 0) {
        return;
      }
    }
    free();
  }

  /** Whether user space can reach it. */
  final boolean hasUsers() {
    return users > 0;
  }

  /** Who holds it, users and others. */
  public final synchronized int holders() {
    return holders;
  }

  /** How many of those who hold it are users. */
  public final int users() {
    return users;
  }

  /** Bytes it has taken from its budget. */
  public final long taken() {
    return owned.taken();
  }

  /**
   * The last user is gone; programs may have it yet. What would keep it alive by itself ends here
   * (Linux: map_release_uref): timers, whose callbacks are of programs that hold the map.
   */
  void leftByUsers() {
    if (timers != null) {
      timers.dropAll();
    }
    if (work != null) {
      work.dropAll();
    }
  }

  /** The programs that stand in it now. */
  public List<MapProgram> programs() {
    return List.of();
  }

  /**
   * What would be let go now if its last user went, each once for each time it is held: programs of
   * entries that would go then, and those whose functions its timers and work call.
   */
  public final List<Lifetime> heldForUsers() {
    List<Lifetime> held = new ArrayList<>(programsForUsers());
    if (timers != null) {
      held.addAll(timers.lifetimes());
    }
    if (work != null) {
      held.addAll(work.lifetimes());
    }
    return held;
  }

  /** Those of {@link #programs} that stand in it only as long as it has users. */
  public List<MapProgram> programsForUsers() {
    return List.of();
  }

  /** The maps that it holds now. */
  public List<BpfMap> innerMaps() {
    return List.of();
  }

  /** Gives the memory back, whoever uses it; the map must not be used any more. */
  public void free() {
    if (timers != null) {
      timers.dropAll();
    }
    if (work != null) {
      work.dropAll();
    }
    if (ownsObjects) {
      for (int element = 0; element < elements(); element++) {
        clearElement(element);
      }
      region.objects().trim();
    }
    owned.freeAll();
  }

  /** What user space is told when there is nothing to read. */
  int nothingFound() {
    return Errno.ENOENT;
  }

  /** Why user space cannot walk the keys; 0 when it can. */
  int walkError() {
    return 0;
  }

  /**
   * The key after the one at {@code key}, the first when that is 0 or not there; null after the
   * last. Only where {@link #walkError} is 0.
   */
  byte[] nextKey(long key) {
    return nextIndex(key, maxEntries);
  }

  /** {@link #nextKey} of maps whose keys are 0 to {@code count - 1}, there or not. */
  final byte[] nextIndex(long key, int count) {
    int index = key == 0 ? -1 : memory.get(Region.INT, key);
    if (index == count - 1) {
      return null;
    }
    return indexKey(Integer.compareUnsigned(index, count) >= 0 ? 0 : index + 1);
  }

  /** Whether user space can read and write many elements at once. */
  boolean hasBatches() {
    return hashed() != null;
  }

  /** The hash in which this map's keys are; null when it is none. */
  HashedMap hashed() {
    return null;
  }

  /** User space has deleted an element of {@link #hashed} that had this value, in a batch. */
  void deleted(byte[] value) {}

  /** What user space is given for a value of {@link #hashed}. */
  byte[] outward(byte[] value) {
    fields.blank(value);
    return value;
  }

  /** Puts a key where the map can read it; one thread at a time. */
  final long atScratch(byte[] key) {
    fill(scratchKey, key);
    return scratchKey;
  }

  /** Whether user space may write. */
  final synchronized boolean writable() {
    return !frozen && (spec.flags() & MapSpec.F_RDONLY) == 0;
  }

  /** Where {@link #write} puts its value; one thread at a time. */
  final long scratchValue() {
    return scratchValue;
  }

  final void fill(long to, byte[] from) {
    MemorySegment.copy(from, 0, memory, Region.BYTE, to, from.length);
  }

  final byte[] bytes(long from, int size) {
    byte[] copy = new byte[size];
    MemorySegment.copy(memory, Region.BYTE, from, copy, 0, size);
    return copy;
  }

  /** Four bytes, little-endian: the key of an array-like map. */
  static byte[] indexKey(int index) {
    return new byte[] {
      (byte) index, (byte) (index >> 8), (byte) (index >> 16), (byte) (index >> 24)
    };
  }

  /** The keys 0 to {@code count - 1}, of those that {@code present} accepts. */
  static Iterable<byte[]> indexKeys(int count, java.util.function.IntPredicate present) {
    return () ->
        java.util.stream.IntStream.range(0, count)
            .filter(present)
            .mapToObj(BpfMap::indexKey)
            .iterator();
  }

  /** No keys, for maps that have none. */
  static Iterable<byte[]> noKeys() {
    return () -> java.util.Collections.<byte[]>emptyList().iterator();
  }

  /** Whether {@code address} begins a run of {@code size} bytes inside one slot of an area. */
  static boolean withinSlot(
      long address, long size, long base, long stride, long slots, long offset, long length) {
    long distance = address - base;
    if (size < 0 || distance < 0 || distance / stride >= slots) {
      return false;
    }
    long inside = distance % stride - offset;
    return inside >= 0 && size <= length && inside <= length - size;
  }

  /** For subclasses whose keys come from somewhere that can only be walked once. */
  static Iterable<byte[]> each(java.util.function.Supplier<Iterator<byte[]>> walk) {
    return walk::get;
  }
}
