package org.xdp4j.bpf.context;

/** The members of a kernel's structures that have an honest answer here. */
public enum KernelMember {
  /** Where the frame begins. */
  DATA(KernelStructure.BUFFER, "data", 8),
  /** Where its first buffer's part ends. */
  DATA_END(KernelStructure.BUFFER, "data_end", 8),
  /** Where its metadata begins. */
  DATA_META(KernelStructure.BUFFER, "data_meta", 8),
  /** Where its buffer begins. */
  HARD_START(KernelStructure.BUFFER, "data_hard_start", 8),
  /** Leads to {@link KernelStructure#RECEIVE_QUEUE}. */
  RECEIVE_QUEUE(KernelStructure.BUFFER, "rxq", 8),
  /** Leads to {@link KernelStructure#TRANSMIT_QUEUE}, or is NULL. */
  TRANSMIT_QUEUE(KernelStructure.BUFFER, "txq", 8),
  /** Bytes of its buffer, with what Linux keeps behind it. */
  FRAME_SIZE(KernelStructure.BUFFER, "frame_sz", 4),
  /** {@code enum xdp_buff_flags}: whether it has fragments. */
  FLAGS(KernelStructure.BUFFER, "flags", 4),
  /** Leads to {@link KernelStructure#DEVICE}. */
  RECEIVE_DEVICE(KernelStructure.RECEIVE_QUEUE, "dev", 8),
  /** The queue's number. */
  QUEUE_INDEX(KernelStructure.RECEIVE_QUEUE, "queue_index", 4),
  /** Leads to {@link KernelStructure#TRANSMIT_DEVICE}. */
  TRANSMIT_DEVICE(KernelStructure.TRANSMIT_QUEUE, "dev", 8),
  /** The interface's index. */
  IFINDEX(KernelStructure.DEVICE, "ifindex", 4),
  /** The most bytes of an IP packet; 0 where nobody knows. */
  MTU(KernelStructure.DEVICE, "mtu", 4),
  /** The thread's number. */
  PID(KernelStructure.TASK, "pid", 4),
  /** That of its process. */
  TGID(KernelStructure.TASK, "tgid", 4),
  /** The thread's name. */
  COMM(KernelStructure.TASK, "comm", 16);

  private final KernelStructure structure;
  private final String text;
  private final int size;

  KernelMember(KernelStructure structure, String text, int size) {
    this.structure = structure;
    this.text = text;
    this.size = size;
  }

  /** The structure that it is of. */
  public KernelStructure structure() {
    return structure;
  }

  /** Its name in the kernel. */
  public String text() {
    return text;
  }

  /** Its bytes. */
  public int size() {
    return size;
  }
}
