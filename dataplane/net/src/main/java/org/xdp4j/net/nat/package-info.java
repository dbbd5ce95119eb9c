/**
 * NAT44 with port translation (RFC 4787 for UDP, RFC 5382 for TCP, RFC 5508 for ICMP).
 *
 * <p>A mapping stands for an inside endpoint towards all of the outside (endpoint-independent
 * mapping, RFC 4787, REQ-1), and whoever writes to the mapped endpoint reaches it
 * (endpoint-independent filtering, REQ-8): keeping out what nobody asked for is the filter's
 * business.
 *
 * <p>{@link org.xdp4j.net.nat.Nat44} is shared by all workers, as the two directions of a flow may
 * belong to different ones: mappings are found without a lock and made under one. Depends on {@code
 * flow} and {@code wire}.
 */
package org.xdp4j.net.nat;
