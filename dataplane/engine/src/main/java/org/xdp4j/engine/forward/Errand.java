package org.xdp4j.engine.forward;

/** Why a frame goes from one worker to another: {@code Frame.errand}. */
final class Errand {
  /** It belongs to that worker by its flow: programs and stack are there. */
  static final int RECEIVE = 0;

  /** That worker owns the queue it is to leave by ({@code Frame.egress}). */
  static final int TRANSMIT = 1;

  /** A program sent it there by a CPU map, perhaps with a program to run first. */
  static final int CPU_MAP = 2;

  /** The same as {@link #TRANSMIT}, to the punt port. */
  static final int PUNT = 3;

  private Errand() {}
}
