/**
 * A stateful firewall table for forwarded packets: an ordered list of rules decides about the first
 * packet of a connection; what belongs to a connection that was accepted, or tells about one, is
 * let through.
 *
 * <p>{@link org.xdp4j.net.filter.Filter} is shared by all workers: connections are found without a
 * lock and made under one; rules are swapped as a whole. Depends on {@code flow} and {@code wire}.
 */
package org.xdp4j.net.filter;
