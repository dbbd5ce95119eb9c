package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;

/**
 * What an entry has of a program, which it holds.
 *
 * @param program what runs
 */
record ProgramEntry(MapProgram holder, Executable program) {
  /** An entry of a map of this type; null when the program has ended. */
  static ProgramEntry hold(MapProgram holder, MapType type) {
    return holder.hold() ? new ProgramEntry(holder, holder.executable(type)) : null;
  }

  /** What {@code entry} runs; null for none. */
  static Executable program(ProgramEntry entry) {
    return entry == null ? null : entry.program;
  }

  /** The program of {@code entry}, held once more; null for none, and for one that has ended. */
  static MapProgram held(ProgramEntry entry) {
    return entry != null && entry.holder.hold() ? entry.holder : null;
  }

  /** The entry is another's now, though runs may have found this one; null for none. */
  static void replaced(ProgramEntry entry, Region region) {
    if (entry != null) {
      region.rcu().call(entry.holder::release);
    }
  }

  /** The map is freed: no run can have the entry. */
  static void ended(ProgramEntry entry) {
    if (entry != null) {
      entry.holder.release();
    }
  }
}
