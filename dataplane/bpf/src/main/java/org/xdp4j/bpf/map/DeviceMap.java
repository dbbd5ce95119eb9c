package org.xdp4j.bpf.map;

import org.xdp4j.bpf.context.Executable;

/**
 * A map of interfaces to send frames out of, each perhaps with a program that runs on the frame
 * just before ({@code xdp/devmap}). Read by workers without locks or allocation.
 */
public interface DeviceMap extends RedirectMap {
  /** {@link #redirectFlags} of every such map. */
  long REDIRECT_FLAGS = BROADCAST | EXCLUDE_INGRESS;

  /** The interface index under {@code key}, or 0. */
  default int target(int key) {
    return (int) value(key);
  }

  /** The program attached under {@code key}, or null. */
  Executable program(int key);

  /** Interface and program's id under {@code key} as one number, for {@link RedirectEntry}. */
  long value(int key);

  /** The same of a slot. */
  long valueAt(int slot);

  /** {@link BpfMap#spec}. */
  MapSpec spec();

  /** {@link BpfMap#admits}. */
  boolean admits(ProgramKind kind);

  /** Slots to walk for a broadcast. */
  int slots();

  /** The interface index in a slot, 0 when the slot is empty. */
  default int targetAt(int slot) {
    return (int) valueAt(slot);
  }

  /** The program attached in a slot, or null. */
  Executable programAt(int slot);

  /**
   * Puts an interface, and a program to run on what goes there, under a key.
   *
   * @param ifindex more than 0
   * @param program null for none; the entry holds it
   * @return 0 or a negative errno; -EINVAL for a program when the map's values are not 8 bytes, the
   *     program is not one of {@code xdp/devmap}, or those that use the map differ from it in
   *     {@code xdp.frags}; -EBADF when it has ended
   */
  int set(int key, int ifindex, MapProgram program);

  /** The program attached under {@code key}, not held: it may end at any time; or null. */
  MapProgram holder(int key);

  /** The program attached under {@code key}, held for the caller, who releases it; or null. */
  MapProgram held(int key);

  @Override
  default boolean hasTarget(int key) {
    return target(key) != 0;
  }

  @Override
  default long redirectFlags() {
    return REDIRECT_FLAGS;
  }
}
