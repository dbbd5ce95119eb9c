package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_DEVMAP_HASH}: interfaces by any 32-bit key. As in Linux, {@code BPF_EXIST}
 * does not keep a new key out.
 *
 * <p>Memory: 16 bytes x entries in the region, up to 28 bytes an entry of Java heap.
 */
public final class DevHashMap extends BpfMap implements DeviceMap {
  private static final int VALUE = 8;

  private final HashStore store;
  private final HashIndex index;
  private final FreeElements free;
  private final ProgramSlots programs;

  DevHashMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    store = new HashStore(spec, owned, VALUE, FreeElements.spares(cpus));
    index = store.index;
    free = new FreeElements(maxEntries, store.elements, cpus);
    owned.heap(4L * store.elements);
    programs = new ProgramSlots(this, store.elements);
  }

  private long place(int element) {
    return index.key(element) + VALUE;
  }

  @Override
  public long value(int key) {
    int element = index.findInt(key);
    return element < 0 ? 0 : valueAt(element);
  }

  @Override
  public Executable program(int key) {
    int element = index.findInt(key);
    return element < 0 ? null : programAt(element);
  }

  @Override
  public int slots() {
    return store.elements;
  }

  @Override
  public long valueAt(int slot) {
    return memory.get(Region.LONG, place(slot));
  }

  @Override
  public Executable programAt(int slot) {
    return programs.program(slot);
  }

  @Override
  public synchronized int set(int key, int ifindex, MapProgram program) {
    if (program == null) {
      return set(key, ifindex, null, ANY);
    }
    if (ifindex <= 0 || !DeviceMapSupport.takes(this, program)) {
      return Errno.EINVAL;
    }
    ProgramEntry entry = ProgramEntry.hold(program, spec().type());
    int result = entry == null ? Errno.EBADF : set(key, ifindex, entry, ANY);
    if (entry != null && result != 0) {
      program.release(); // no run has seen it
    }
    return result;
  }

  @Override
  public MapProgram holder(int key) {
    int element = index.findInt(key);
    return element < 0 ? null : programs.holder(element);
  }

  @Override
  public synchronized MapProgram held(int key) {
    int element = index.findInt(key);
    return element < 0 ? null : programs.held(element);
  }

  @Override
  public List<MapProgram> programs() {
    return programs.all();
  }

  @Override
  public List<MapProgram> programsForUsers() {
    return programs.rings();
  }

  /** Programs that use the map that they stand in hold it, as it holds them: those go. */
  @Override
  void leftByUsers() {
    programs.rings(this::clear);
  }

  private synchronized void clear(int element) {
    delete(index.key(element));
  }

  @Override
  public void free() {
    programs.end();
    super.free();
  }

  private int set(int key, int ifindex, ProgramEntry entry, long flags) {
    if (Long.compareUnsigned(flags, EXIST) > 0 || ifindex <= 0) {
      return Errno.EINVAL;
    }
    int bucket = index.bucketOfInt(key);
    index.lock(bucket);
    int old = index.findIntLocked(bucket, key);
    if (old >= 0 && flags == NOEXIST) {
      index.unlock(bucket);
      return Errno.EEXIST;
    }
    int fresh = old >= 0 ? free.takeSpare(0) : free.take(0);
    if (fresh < 0) {
      index.unlock(bucket);
      return old >= 0 ? Errno.ENOMEM : Errno.E2BIG;
    }
    memory.set(Region.INT, index.key(fresh), key);
    memory.set(
        Region.LONG, place(fresh), DeviceMapSupport.value(ifindex, ProgramEntry.program(entry)));
    programs.put(fresh, entry);
    if (old >= 0) {
      index.replaceAndUnlock(bucket, old, fresh);
      retire(old);
      free.giveSpare(old, 0);
    } else {
      index.insertAndUnlock(bucket, fresh);
    }
    return 0;
  }

  /** Broadcasts walk all elements, so one that has left the table must name no interface. */
  private void retire(int element) {
    memory.set(Region.LONG, place(element), 0);
    programs.put(element, null);
  }

  @Override
  public long lookup(long key, int cpu) {
    int element = index.find(key);
    return element < 0 ? 0 : place(element);
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    long entry = DeviceMapSupport.load(memory, value, valueSize);
    if ((int) entry > 0 && DeviceMapSupport.namesProgram(entry)) {
      return Errno.EINVAL;
    }
    return set(memory.get(Region.INT, key), (int) entry, null, flags);
  }

  @Override
  public long delete(long key) {
    int bucket = index.bucket(key);
    index.lock(bucket);
    int element = index.findLocked(bucket, key);
    if (element < 0) {
      index.unlock(bucket);
      return Errno.ENOENT;
    }
    index.removeAndUnlock(bucket, element);
    retire(element);
    free.give(element, element);
    return 0;
  }

  @Override
  byte[] nextKey(long key) {
    return index.nextKey(key, this);
  }

  @Override
  public Iterable<byte[]> keys() {
    return each(() -> new HashKeys(index, this));
  }

  @Override
  public boolean containsValue(long address, long size) {
    return withinSlot(address, size, index.key(0), 2L * VALUE, store.elements, VALUE, valueSize);
  }
}
