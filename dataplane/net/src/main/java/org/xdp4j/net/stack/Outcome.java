package org.xdp4j.net.stack;

/** What became of a packet. */
public enum Outcome {
  /** Sent out of a port; perhaps as an answer, perhaps in fragments. */
  TRANSMITTED,
  /** It was for the stack itself. */
  DELIVERED,
  /** Handed on as not for the stack, with a {@link PuntReason}. */
  PUNTED,
  /** Gone, for a {@link DropReason}. */
  DROPPED,
  /** Kept until a neighbour is resolved; its end is told later. */
  HELD
}
