package org.xdp4j.bpf.context;

/**
 * The structures of a kernel of which there is one here for each context: the frame's, and the
 * thread's that runs the program. Only what {@link KernelMember} lists is in them.
 *
 * <pre>
 *  address of the context
 *      | xdp_buff | xdp_rxq_info | xdp_txq_info | net_device in | net_device out | task_struct |
 * </pre>
 */
public enum KernelStructure {
  /** The frame ({@code include/net/xdp.h}); it lies where the context does, as in Linux. */
  BUFFER("xdp_buff", 0, 256),
  /** The queue it came in by. */
  RECEIVE_QUEUE("xdp_rxq_info", 256, 256),
  /** The one it goes out by, for a program of a device map. */
  TRANSMIT_QUEUE("xdp_txq_info", 512, 256),
  /** The interface it came in by. */
  DEVICE("net_device", 768, 8 << 10),
  /** The interface it goes out by. */
  TRANSMIT_DEVICE("net_device", 768 + (8 << 10), 8 << 10),
  /** The thread. */
  TASK("task_struct", 768 + (16 << 10), 24 << 10);

  /** Bytes of all of them. */
  static final long ROOM = TASK.place + TASK.size;

  private final String struct;
  private final int place;
  private final int size;

  KernelStructure(String struct, int place, int size) {
    this.struct = struct;
    this.place = place;
    this.size = size;
  }

  /** The struct's name. */
  public String struct() {
    return struct;
  }

  /** Bytes from the context's address to it. */
  public int place() {
    return place;
  }

  /** Bytes there are for it. */
  public int size() {
    return size;
  }

  /** The structure of this name, the first of several; null when none is here. */
  public static KernelStructure of(String struct) {
    for (KernelStructure structure : values()) {
      if (structure.struct.equals(struct)) {
        return structure;
      }
    }
    return null;
  }
}
