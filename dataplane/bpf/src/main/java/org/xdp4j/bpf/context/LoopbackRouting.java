package org.xdp4j.bpf.context;

/** See {@link Routing#LOOPBACK}. */
final class LoopbackRouting implements Routing {
  private static final int IFINDEX = 1;

  /** What Linux gives {@code lo} (drivers/net/loopback.c). */
  private static final int MTU = 65_536;

  private static final Link LOOPBACK = new Link(IFINDEX, 0, MTU, 14, false, false);

  @Override
  public Link link(int ifindex) {
    return ifindex == IFINDEX ? LOOPBACK : null;
  }

  @Override
  public Hop route(RouteQuery query) {
    return null;
  }

  @Override
  public long neighbor(int ifindex, boolean ipv6, long high, long low) {
    return NO_NEIGHBOR;
  }
}
