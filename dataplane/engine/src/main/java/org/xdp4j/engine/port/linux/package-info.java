/**
 * Ports onto Linux's interfaces: {@link org.xdp4j.engine.port.linux.TapPort taps}, {@link
 * org.xdp4j.engine.port.linux.PacketRingPort packet sockets with rings}, {@link
 * org.xdp4j.engine.port.linux.XdpSocketPort XDP sockets}. Each watches its interface on a thread of
 * its own ({@link org.xdp4j.engine.port.linux.LinkWatch}): one that goes down is counted and
 * reported, one that was deleted is attached again when it returns, and the workers notice nothing
 * but that no frame comes.
 *
 * <p>What a sender left to a device travels as {@code struct virtio_net_hdr} ({@link
 * org.xdp4j.engine.port.linux.VirtioHeader}).
 *
 * <p>Depends on {@code port}, {@code linux} and {@code frame}.
 */
package org.xdp4j.engine.port.linux;
