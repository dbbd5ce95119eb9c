package org.xdp4j.engine.port.linux;

/**
 * A packet socket with a ring.
 *
 * @param device the interface's name
 * @param queues how many sockets the frames are spread over by flow
 * @param offload whether checksums and segmentation that senders leave to a device are passed on
 *     with the frames, and may be left to the interface
 * @param blocks how many blocks of {@value PacketRing#BLOCK} bytes each queue's ring has
 * @param promiscuous whether frames to other stations come in, too
 */
public record PacketRingOptions(
    String device, int queues, boolean offload, int blocks, boolean promiscuous) {
  /** One queue of 16 MiB, with offload and promiscuous. */
  public static PacketRingOptions of(String device) {
    return new PacketRingOptions(device, 1, true, 16, true);
  }

  /** The same with so many queues. */
  public PacketRingOptions withQueues(int number) {
    return new PacketRingOptions(device, number, offload, blocks, promiscuous);
  }

  /** The same with offload or without. */
  public PacketRingOptions withOffload(boolean wanted) {
    return new PacketRingOptions(device, queues, wanted, blocks, promiscuous);
  }

  /** The same with rings of so many blocks. */
  public PacketRingOptions withBlocks(int number) {
    return new PacketRingOptions(device, queues, offload, number, promiscuous);
  }
}
