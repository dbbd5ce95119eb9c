package org.xdp4j.net.flow;

/** An entry of a {@link KeyTable}: its key, and whether it is still in. */
public abstract class KeyEntry {
  final long k0;
  final long k1;
  final long k2;
  final long k3;
  final long k4;
  private volatile boolean gone;

  /** Makes one with five words of key, whatever they mean. */
  protected KeyEntry(long k0, long k1, long k2, long k3, long k4) {
    this.k0 = k0;
    this.k1 = k1;
    this.k2 = k2;
    this.k3 = k3;
    this.k4 = k4;
  }

  /** Whether it was removed. */
  public final boolean isGone() {
    return gone;
  }

  final void leave() {
    gone = true;
  }

  final boolean is(long a, long b, long c, long d, long e) {
    return k0 == a && k4 == e && k1 == b && k2 == c && k3 == d && !gone;
  }
}
