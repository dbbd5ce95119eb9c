/**
 * Ports through libpcap, which knows every kind of interface on every system it is on ({@link
 * org.xdp4j.engine.port.pcap.PcapPort}). The library is found when the first such port is opened,
 * and called through the foreign-function API: frames go from its buffer to the pool without an
 * object a frame.
 *
 * <p>Depends on {@code port} and {@code frame}.
 */
package org.xdp4j.engine.port.pcap;
