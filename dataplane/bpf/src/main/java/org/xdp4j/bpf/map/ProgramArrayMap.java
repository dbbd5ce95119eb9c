package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PROG_ARRAY}: what tail calls jump through. User space sets slots ({@link
 * #set}) while programs run; to programs it is neither readable nor writable. Its user-space value
 * is the program's number, which {@code bpf_map_lookup_elem} on Linux gives too: here the slot's
 * own number plus one.
 */
public final class ProgramArrayMap extends SlotArrayMap<ProgramArrayMap.Entry> {
  record Entry(String name, Executable program) {}

  ProgramArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    checkSlots(spec);
  }

  /** The program in a slot; null when the slot is empty or there is no such slot. */
  public Executable program(int index) {
    Entry entry = at(index);
    return entry == null ? null : entry.program;
  }

  /** The name a slot's program was set with; null when the slot is empty. */
  public String programName(int index) {
    Entry entry = at(index);
    return entry == null ? null : entry.name;
  }

  /**
   * Puts a program into a slot.
   *
   * @return 0, or -E2BIG when there is no such slot
   */
  public int set(int index, String name, Executable program) {
    return set(index, name, program, ANY);
  }

  /** The same with flags, which can only be {@link #ANY}: else -EINVAL. */
  public int set(int index, String name, Executable program, long flags) {
    int error = checkPut(index, flags);
    if (error == 0) {
      put(index, new Entry(name, program));
    }
    return error;
  }

  /** {@link #set(int, String, Executable)} for a program that has no name. */
  public int set(int index, Executable program) {
    return set(index, "", program);
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  byte[] read(long key) {
    int index = memory.get(Region.INT, key);
    return program(index) == null ? null : indexKey(index + 1);
  }
}
