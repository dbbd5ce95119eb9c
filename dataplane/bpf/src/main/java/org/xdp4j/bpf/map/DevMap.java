package org.xdp4j.bpf.map;

import static org.xdp4j.bpf.map.Errno.E2BIG;
import static org.xdp4j.bpf.map.Errno.EEXIST;
import static org.xdp4j.bpf.map.Errno.EINVAL;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_DEVMAP} (kernel/bpf/devmap.c): interfaces by index. Programs may read values,
 * not write them. Any interface index above 0 is taken; whether there is such a port is known where
 * the frame is sent.
 *
 * <p>Memory: 8 bytes x entries in the region, 4 bytes an entry of Java heap.
 */
public final class DevMap extends TargetArrayMap implements DeviceMap {
  DevMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  /** How a compiled program asks for a target by itself. */
  public DeviceSlots deviceSlots() {
    return new DeviceSlots(memory, base, maxEntries, address());
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
    return put(key, ifindex, program);
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
  public boolean containsValue(long address, long size) {
    return withinSlot(address, size, base, 8, maxEntries, 0, valueSize);
  }
}
