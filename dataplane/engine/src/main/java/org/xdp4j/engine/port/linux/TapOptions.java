package org.xdp4j.engine.port.linux;

/**
 * A tap, as Linux is to have it.
 *
 * @param device the interface's name there
 * @param queues how many, one a worker
 * @param offload whether senders may leave checksums and segmentation to us, and we to receivers: a
 *     TCP stream then comes as frames of up to 64 KiB
 * @param mtu of the interface, or 0 to leave it
 * @param hostMac of the interface, which is the host's end, or 0 to leave it
 * @param up whether to take it up
 * @param batched whether to use io_uring where there is one
 * @param path of the character device
 * @param queueLength frames that wait in the interface for each queue, or 0 to leave it
 */
public record TapOptions(
    String device,
    int queues,
    boolean offload,
    int mtu,
    long hostMac,
    boolean up,
    boolean batched,
    String path,
    int queueLength) {
  /** One queue, with offload, taken up; the rest as it is. */
  public static TapOptions of(String device) {
    return new TapOptions(device, 1, true, 0, 0, true, true, "/dev/net/tun", 0);
  }

  /** The same with so many queues. */
  public TapOptions withQueues(int number) {
    return new TapOptions(device, number, offload, mtu, hostMac, up, batched, path, queueLength);
  }

  /** The same with offload or without. */
  public TapOptions withOffload(boolean wanted) {
    return new TapOptions(device, queues, wanted, mtu, hostMac, up, batched, path, queueLength);
  }

  /** The same with this MTU and hardware address of the host's end. */
  public TapOptions withLink(int wantedMtu, long wantedMac) {
    return new TapOptions(
        device, queues, offload, wantedMtu, wantedMac, up, batched, path, queueLength);
  }

  /** The same, taken up or left as it is. */
  public TapOptions withUp(boolean wanted) {
    return new TapOptions(
        device, queues, offload, mtu, hostMac, wanted, batched, path, queueLength);
  }

  /** The same with io_uring where there is one, or without. */
  public TapOptions withBatched(boolean wanted) {
    return new TapOptions(device, queues, offload, mtu, hostMac, up, wanted, path, queueLength);
  }

  /** The same through another character device: a container may have it elsewhere. */
  public TapOptions withPath(String other) {
    return new TapOptions(device, queues, offload, mtu, hostMac, up, batched, other, queueLength);
  }

  /** The same with so many frames that can wait in the interface for each queue. */
  public TapOptions withQueueLength(int frames) {
    return new TapOptions(device, queues, offload, mtu, hostMac, up, batched, path, frames);
  }
}
