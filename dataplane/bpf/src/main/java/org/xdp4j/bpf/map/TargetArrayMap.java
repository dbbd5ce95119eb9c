package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * A map of places to send frames to, by number, each perhaps with a program that runs on the frame
 * there.
 *
 * <p>Memory: 8 bytes x entries in the region, 4 bytes an entry of Java heap.
 */
abstract class TargetArrayMap extends BpfMap implements RedirectMap {
  final long base;
  private final ProgramSlots programs;

  TargetArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    base = owned.allocate(8L * maxEntries, 64);
    owned.heap(4L * maxEntries);
    programs = new ProgramSlots(this, maxEntries);
  }

  final boolean has(int key) {
    return Integer.compareUnsigned(key, maxEntries) < 0;
  }

  /** Target and program's id as one number, for {@link RedirectEntry}. */
  public final long value(int key) {
    return has(key) ? memory.get(Region.LONG, base + 8L * key) : 0;
  }

  /** The program under {@code key}, or null. */
  public final Executable program(int key) {
    return has(key) ? programs.program(key) : null;
  }

  /** The program under {@code key}, not held: it may end at any time; or null. */
  public final MapProgram holder(int key) {
    return has(key) ? programs.holder(key) : null;
  }

  /** The program under {@code key}, held for the caller, who releases it; or null. */
  public final synchronized MapProgram held(int key) {
    return has(key) ? programs.held(key) : null;
  }

  @Override
  public final List<MapProgram> programs() {
    return programs.all();
  }

  /**
   * Puts a target and a program under a key that there is; the lock is held.
   *
   * @param program null for none; the entry holds it
   * @return 0, or -EBADF when the program has ended
   */
  final int put(int key, int target, MapProgram program) {
    ProgramEntry entry = program == null ? null : ProgramEntry.hold(program, spec().type());
    if (program != null && entry == null) {
      return Errno.EBADF;
    }
    long value = DeviceMapSupport.value(target, ProgramEntry.program(entry));
    programs.put(key, entry);
    memory.set(Region.LONG, base + 8L * key, value);
    return 0;
  }

  /** Takes away what is under a key that there is. */
  final synchronized int clear(int key) {
    memory.set(Region.LONG, base + 8L * key, 0);
    programs.put(key, null);
    return 0;
  }

  @Override
  public final long delete(long key) {
    int target = memory.get(Region.INT, key);
    return has(target) ? clear(target) : Errno.EINVAL;
  }

  @Override
  public final Iterable<byte[]> keys() {
    return indexKeys(maxEntries, this::hasTarget);
  }

  @Override
  public final List<MapProgram> programsForUsers() {
    return programs.rings();
  }

  /** Programs that use the map that they stand in hold it, as it holds them: those go. */
  @Override
  final void leftByUsers() {
    programs.rings(this::clear);
  }

  @Override
  public final void free() {
    programs.end();
    super.free();
  }
}
