package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;

/**
 * An entry of a device or CPU map as one who sends frames reads it: target and program are of the
 * same entry, though others change the map meanwhile. A frame goes where its entry says, and not
 * without the entry's program. Read anew for each frame; owned by one thread.
 */
public final class RedirectEntry {
  private long value;
  private Executable program;

  /** Reads what is under {@code key}. */
  public void read(DeviceMap map, int key) {
    do {
      value = map.value(key);
      program = map.program(key);
    } while (!isWhole());
  }

  /** Reads what is in a slot. */
  public void readSlot(DeviceMap map, int slot) {
    do {
      value = map.valueAt(slot);
      program = map.programAt(slot);
    } while (!isWhole());
  }

  /** Reads what is under {@code cpu}. */
  public void read(CpuMap map, int cpu) {
    do {
      value = map.value(cpu);
      program = map.program(cpu);
    } while (!isWhole());
  }

  private boolean isWhole() {
    return (int) (value >>> 32) == (program == null ? 0 : program.id());
  }

  /** An interface's index or a queue's length; 0 when there is no entry. */
  public int target() {
    return (int) value;
  }

  /** What runs on the frame there, or null. */
  public Executable program() {
    return program;
  }
}
