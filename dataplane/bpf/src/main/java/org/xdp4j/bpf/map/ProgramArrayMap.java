package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PROG_ARRAY}: what tail calls jump through. User space sets slots ({@link
 * #set}) while programs run; to programs it is neither readable nor writable. Its user-space value
 * is the program's number, which {@code bpf_map_lookup_elem} on Linux gives too: here the slot's
 * own number plus one.
 *
 * <p>A slot holds its program, and programs hold the arrays they jump through; so that such rings
 * end, the array is emptied when its last user goes (kernel: bpf_fd_array_map_clear).
 */
public final class ProgramArrayMap extends SlotArrayMap<ProgramEntry> {
  ProgramArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    checkSlots(spec);
  }

  /** The program in a slot; null when the slot is empty or there is no such slot. */
  public Executable program(int index) {
    return ProgramEntry.program(at(index));
  }

  /** The name of a slot's program; null when the slot is empty. */
  public String programName(int index) {
    ProgramEntry entry = at(index);
    return entry == null ? null : entry.holder().name();
  }

  /** The program in a slot, not held: it may end at any time; null for none. */
  public MapProgram holder(int index) {
    ProgramEntry entry = at(index);
    return entry == null ? null : entry.holder();
  }

  /** The program in a slot, held for the caller, who releases it; null for none. */
  public MapProgram held(int index) {
    ProgramEntry entry = at(index);
    MapProgram held = ProgramEntry.held(entry);
    while (held == null && entry != null) {
      entry = at(index); // the one before has gone meanwhile
      held = ProgramEntry.held(entry);
    }
    return held;
  }

  /**
   * Puts a program into a slot, which holds it.
   *
   * @param flags can only be {@link #ANY}
   * @return 0; -EINVAL for other flags, and for a program of another kind than those of the array;
   *     -E2BIG when there is no such slot; -EBADF when the program has ended
   */
  public int set(int index, MapProgram program, long flags) {
    int error = checkPut(index, flags);
    if (error == 0 && !admits(program.kind())) {
      error = Errno.EINVAL;
    }
    ProgramEntry entry = error == 0 ? ProgramEntry.hold(program, MapType.PROG_ARRAY) : null;
    if (entry == null) {
      return error == 0 ? Errno.EBADF : error;
    }
    put(index, entry);
    return 0;
  }

  @Override
  public List<MapProgram> programs() {
    return held().stream().map(ProgramEntry::holder).toList();
  }

  @Override
  public List<MapProgram> programsForUsers() {
    return programs();
  }

  @Override
  void replaced(ProgramEntry entry) {
    ProgramEntry.replaced(entry, region);
  }

  @Override
  void ended(ProgramEntry entry) {
    ProgramEntry.ended(entry);
  }

  @Override
  void leftByUsers() {
    clear();
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
