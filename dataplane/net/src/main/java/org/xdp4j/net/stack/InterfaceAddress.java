package org.xdp4j.net.stack;

import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * An address of an interface, with the length of the prefix that is on its link. Shared by all
 * workers; whoever's turn it is goes on with the check for duplicates.
 */
public final class InterfaceAddress {
  /** Whether the address may be used. */
  public enum State {
    /** Being checked for duplicates; not used yet. */
    TENTATIVE,
    /** Ours. */
    PREFERRED,
    /** Another station has it; not used, and packets to it go to that station. */
    DUPLICATE
  }

  /** What {@link #nextStep} says when nothing is due. */
  static final int NOTHING = -1;

  /** An address is defended at most once in this time (RFC 5227, section 2.4). */
  private static final long DEFEND_INTERVAL = 10_000_000_000L;

  private final IpPrefix prefix;
  private final boolean detects;
  private volatile State state;
  private volatile boolean checking;
  private volatile long nonce = -1;
  private volatile Route onLink;

  // Guarded by this object's lock.
  private int step;
  private long due = Long.MIN_VALUE;
  private boolean defended;
  private long lastDefence;

  /**
   * Makes one.
   *
   * @param detects whether it is checked for duplicates before it is used
   */
  InterfaceAddress(IpPrefix prefix, boolean detects) {
    this.prefix = prefix;
    this.detects = detects;
    this.checking = detects;
    this.state = detects ? State.TENTATIVE : State.PREFERRED;
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

  /** Whether another station has it. */
  boolean isDuplicate() {
    return state == State.DUPLICATE;
  }

  /** Whether somebody else's claim to it would still keep it from being used. */
  boolean isChecked() {
    return checking && state != State.PREFERRED;
  }

  /** The way to the station that has it, on the link of the interface with this index. */
  Route onLink(int interfaceIndex) {
    Route way = onLink;
    if (way == null) {
      IpPrefix host = new IpPrefix(address(), address().bits());
      way = Route.via(host, new NextHop(interfaceIndex, null));
      onLink = way;
    }
    return way;
  }

  // The check for duplicates.

  /**
   * The one to go on with in the place of this one, in an interface that goes on on the same link.
   * What is in use stays in use; what was a duplicate is checked once more if it is to be checked.
   */
  InterfaceAddress succeed(InterfaceAddress before) {
    if (!detects) {
      return this;
    }
    if (before.detects) {
      if (before.isDuplicate()) {
        before.check();
      }
      return before;
    }
    checking = false;
    state = State.PREFERRED;
    return this;
  }

  /** Begins a check from its beginning; a duplicate stays one until the check is over. */
  synchronized void check() {
    if (detects) {
      state = state == State.DUPLICATE ? State.DUPLICATE : State.TENTATIVE;
      step = 0;
      due = Long.MIN_VALUE;
      checking = true;
    }
  }

  /**
   * The step of the check that is due now, from 0; whoever is told takes it, and says with {@link
   * #setDue} when the next is due. {@link #NOTHING} when none is.
   */
  synchronized int nextStep(long now) {
    if (!checking || now < due) {
      return NOTHING;
    }
    due = Long.MAX_VALUE;
    return step++;
  }

  /** Says when the next step is due. */
  synchronized void setDue(long until) {
    due = until;
  }

  /** Nobody claimed it: it may be used. Says whether that is still so. */
  synchronized boolean prefer() {
    if (checking) {
      state = State.PREFERRED;
    }
    return checking;
  }

  /** The check is over. */
  synchronized void finish() {
    checking = false;
  }

  /** Another station has it or wants it: if it is being checked, it is not used. */
  synchronized void claimed() {
    if (isChecked()) {
      state = State.DUPLICATE;
      checking = false;
    }
  }

  /** What tells our last probe for it from another station's (RFC 7527); -1 before the first. */
  long nonce() {
    return nonce;
  }

  void setNonce(long fresh) {
    nonce = fresh;
  }

  /** Whether it is to be defended now against another station; whoever is told so does. */
  synchronized boolean mayDefend(long now) {
    if (!isPreferred() || defended && now - lastDefence < DEFEND_INTERVAL) {
      return false;
    }
    defended = true;
    lastDefence = now;
    return true;
  }

  @Override
  public String toString() {
    return prefix + (state == State.PREFERRED ? "" : " " + state);
  }
}
