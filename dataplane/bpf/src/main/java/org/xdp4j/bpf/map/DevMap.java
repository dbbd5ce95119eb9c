package org.xdp4j.bpf.map;

import static org.xdp4j.bpf.map.Errno.E2BIG;
import static org.xdp4j.bpf.map.Errno.EEXIST;
import static org.xdp4j.bpf.map.Errno.EINVAL;

import java.util.List;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_DEVMAP} (kernel/bpf/devmap.c): interfaces by index. Programs may read values,
 * not write them. Any interface index above 0 is taken; whether there is such a port is known where
 * the frame is sent.
 *
 * <p>Memory: 8 bytes x entries in the region, 4 bytes an entry of Java heap.
 */
public final class DevMap extends BpfMap implements DeviceMap {
  private final long base;
  private final ProgramSlots programs;

  DevMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    base = owned.allocate(8L * maxEntries, 64);
    owned.heap(4L * maxEntries);
    programs = new ProgramSlots(this, maxEntries);
  }

  /** How a compiled program asks for a target by itself. */
  public DeviceSlots deviceSlots() {
    return new DeviceSlots(memory, base, maxEntries, address());
  }

  private boolean has(int index) {
    return Integer.compareUnsigned(index, maxEntries) < 0;
  }

  @Override
  public long value(int key) {
    return has(key) ? memory.get(Region.LONG, base + 8L * key) : 0;
  }

  @Override
  public Executable program(int key) {
    return has(key) ? programs.program(key) : null;
  }

  @Override
  public int slots() {
    return maxEntries;
  }

  @Override
  public long valueAt(int slot) {
    return value(slot);
  }

  @Override
  public Executable programAt(int slot) {
    return program(slot);
  }

  @Override
  public synchronized int set(int key, int ifindex, MapProgram program) {
    if (!has(key)) {
      return E2BIG;
    }
    if (ifindex <= 0 || program != null && !DeviceMapSupport.takes(this, program)) {
      return EINVAL;
    }
    ProgramEntry entry = program == null ? null : ProgramEntry.hold(program, spec().type());
    if (program != null && entry == null) {
      return Errno.EBADF;
    }
    long value = DeviceMapSupport.value(ifindex, ProgramEntry.program(entry));
    programs.put(key, entry);
    memory.set(Region.LONG, base + 8L * key, value);
    return 0;
  }

  @Override
  public MapProgram holder(int key) {
    return has(key) ? programs.holder(key) : null;
  }

  @Override
  public synchronized MapProgram held(int key) {
    return has(key) ? programs.held(key) : null;
  }

  @Override
  public List<MapProgram> programs() {
    return programs.all();
  }

  /** Programs that use the map that they stand in hold it, as it holds them: those go. */
  @Override
  void leftByUsers() {
    programs.rings(this::clear);
  }

  @Override
  public void free() {
    programs.end();
    super.free();
  }

  @Override
  public long lookup(long key, int cpu) {
    int index = memory.get(Region.INT, key);
    return target(index) == 0 ? 0 : base + 8L * index;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int index = memory.get(Region.INT, key);
    if (Long.compareUnsigned(flags, EXIST) > 0) {
      return EINVAL;
    }
    if (!has(index)) {
      return E2BIG;
    }
    if (flags == NOEXIST) {
      return EEXIST;
    }
    long entry = DeviceMapSupport.load(memory, value, valueSize);
    if ((int) entry == 0) {
      return DeviceMapSupport.namesProgram(entry) ? EINVAL : clear(index);
    }
    return DeviceMapSupport.namesProgram(entry) ? EINVAL : set(index, (int) entry, null);
  }

  @Override
  public long delete(long key) {
    int index = memory.get(Region.INT, key);
    return has(index) ? clear(index) : EINVAL;
  }

  private synchronized int clear(int index) {
    memory.set(Region.LONG, base + 8L * index, 0);
    programs.put(index, null);
    return 0;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> target(i) != 0);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return withinSlot(address, size, base, 8, maxEntries, 0, valueSize);
  }
}
