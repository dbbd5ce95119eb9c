package org.xdp4j.engine.port.linux;

/**
 * XDP sockets on an interface.
 *
 * @param device the interface's name
 * @param queues how many of its receive queues, from the first on; frames of others go to the host
 */
public record XdpSocketOptions(String device, int queues) {
  /** The only queue of an interface that has one. */
  public static XdpSocketOptions of(String device) {
    return new XdpSocketOptions(device, 1);
  }
}
