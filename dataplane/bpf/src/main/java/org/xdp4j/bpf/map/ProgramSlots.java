package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntConsumer;
import org.xdp4j.bpf.context.Executable;

/** The programs of a device or CPU map's entries. Changed by one thread at a time, read by any. */
final class ProgramSlots {
  private final BpfMap map;
  private final AtomicReferenceArray<ProgramEntry> entries;

  ProgramSlots(BpfMap map, int size) {
    this.map = map;
    this.entries = new AtomicReferenceArray<>(size);
  }

  /** What an entry runs; null for nothing. */
  Executable program(int slot) {
    return ProgramEntry.program(entries.getAcquire(slot));
  }

  /** An entry's program, not held; null for none. */
  MapProgram holder(int slot) {
    ProgramEntry entry = entries.getAcquire(slot);
    return entry == null ? null : entry.holder();
  }

  /** An entry's program, held for the caller; null for none. */
  MapProgram held(int slot) {
    return ProgramEntry.held(entries.get(slot));
  }

  /** Gives an entry another program; null for none. The one before is released in time. */
  void put(int slot, ProgramEntry entry) {
    ProgramEntry.replaced(entries.getAndSet(slot, entry), map.region);
  }

  /** The programs there are. */
  List<MapProgram> all() {
    List<MapProgram> all = new ArrayList<>();
    for (int i = 0; i < entries.length(); i++) {
      ProgramEntry entry = entries.getAcquire(i);
      if (entry != null) {
        all.add(entry.holder());
      }
    }
    return all;
  }

  /** Those of them that use the map. */
  List<MapProgram> rings() {
    return all().stream().filter(program -> program.uses(map)).toList();
  }

  /** Walks the slots of programs that use the map, and so keep alive what keeps them alive. */
  void rings(IntConsumer action) {
    for (int i = 0; i < entries.length(); i++) {
      ProgramEntry entry = entries.get(i);
      if (entry != null && entry.holder().uses(map)) {
        action.accept(i);
      }
    }
  }

  /** The map is freed. */
  void end() {
    for (int i = 0; i < entries.length(); i++) {
      ProgramEntry.ended(entries.getAndSet(i, null));
    }
  }
}
