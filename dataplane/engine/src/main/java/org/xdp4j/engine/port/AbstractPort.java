package org.xdp4j.engine.port;

import java.util.List;

/** What ports of every kind have. */
public abstract class AbstractPort implements Port {
  private final PortIdentity identity;

  /** Makes one. */
  protected AbstractPort(PortIdentity identity) {
    this.identity = identity;
  }

  /** Its queues; the same ones always. */
  protected abstract List<? extends PortQueue> all();

  @Override
  public final String name() {
    return identity.name();
  }

  @Override
  public final int ifindex() {
    return identity.ifindex();
  }

  @Override
  public long mac() {
    return identity.mac();
  }

  @Override
  public int mtu() {
    return identity.mtu();
  }

  @Override
  public final int queues() {
    return all().size();
  }

  @Override
  public final PortQueue queue(int number) {
    return all().get(number);
  }

  @Override
  public PortState state() {
    return PortState.UP;
  }

  @Override
  public void close() {}

  @Override
  public final String toString() {
    return name();
  }
}
