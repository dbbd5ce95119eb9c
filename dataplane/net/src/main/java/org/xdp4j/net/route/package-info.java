/**
 * Where packets go next: the forwarding table and the neighbours on each link.
 *
 * <p><b>Words.</b> A <i>route</i> is a prefix and what becomes of packets to it. A <i>next hop</i>
 * is an interface and, unless the destination is itself on the link, a gateway there. A
 * <i>neighbour</i> is an address on a link and the hardware address it was resolved to.
 *
 * <p><b>Threads.</b> {@link org.xdp4j.net.route.Fib} and {@link org.xdp4j.net.route.Neighbors} are
 * shared by all workers. Reading takes no lock and never waits: a reader sees each address's route
 * as it was before an update or as it is after, and an update never leaves a moment in which a
 * covered address has none. Writers take a lock among themselves. What an update replaces stays
 * whole for the readers that still look at it; the garbage collector frees it after the last, which
 * is what RCU's grace periods are for elsewhere.
 *
 * <p>Interfaces are known by their number only. Depends on {@code wire}.
 */
package org.xdp4j.net.route;
