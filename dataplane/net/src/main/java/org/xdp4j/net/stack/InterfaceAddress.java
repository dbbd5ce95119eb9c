package org.xdp4j.net.stack;

import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/** An address of an interface, with the length of the prefix that is on its link. */
public final class InterfaceAddress {
  /** Whether the address may be used. */
  public enum State {
    /** Being checked for duplicates; not used yet. */
    TENTATIVE,
    /** Ours. */
    PREFERRED,
    /** Another station has it; not used. */
    DUPLICATE
  }

  private final IpPrefix prefix;
  private volatile State state;

  // Duplicate detection; changed by whoever holds this object's lock.
  private int probes;
  private long due = Long.MIN_VALUE;

  InterfaceAddress(IpPrefix prefix, State state) {
    this.prefix = prefix;
    this.state = state;
  }

  /** The address and its prefix length, as configured. */
  public IpPrefix prefix() {
    return prefix;
  }

  public IpAddress address() {
    return prefix.address();
  }

  public State state() {
    return state;
  }

  boolean isPreferred() {
    return state == State.PREFERRED;
  }

  void setState(State fresh) {
    state = fresh;
  }

  /** Says how many probes were sent before, if the next is due now; -1 if not. */
  synchronized int nextProbe(long now, long interval) {
    if (now < due) {
      return -1;
    }
    due = now + interval;
    return probes++;
  }

  @Override
  public String toString() {
    return prefix + (state == State.PREFERRED ? "" : " " + state);
  }
}
