package org.xdp4j.bpf.context;

/** See {@link Routing#NONE}. */
final class NoRouting implements Routing {
  private static final Link ETHERNET = new Link(1, 0, 1500, 14, true, true);

  @Override
  public Link link(int ifindex) {
    return ifindex > 0 ? ETHERNET : null;
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
