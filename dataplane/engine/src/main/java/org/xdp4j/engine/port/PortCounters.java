package org.xdp4j.engine.port;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one queue counted. Its owner alone adds; any thread may read, and sees values the owner
 * wrote, perhaps not the latest. Bytes are those of frames without Ethernet's check sequence.
 *
 * <pre>
 *  64 bytes of padding | counters | 64 bytes of padding
 * </pre>
 */
public final class PortCounters {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 8;
  private static final int RX_FRAMES = PADDING;
  private static final int RX_BYTES = PADDING + 1;
  private static final int RX_ERRORS = PADDING + 2;
  private static final int RX_NO_BUFFER = PADDING + 3;
  private static final int TX_FRAMES = PADDING + 4;
  private static final int TX_BYTES = PADDING + 5;
  private static final int TX_ERRORS = PADDING + 6;
  private static final int TX_FULL = PADDING + 7;
  private static final int RX_PARTIAL = PADDING + 8;
  private static final int RX_LOST = PADDING + 9;
  private static final int RX_DOUBLED = PADDING + 10;
  private static final int TX_LOST = PADDING + 11;
  private static final int TX_DOUBLED = PADDING + 12;

  private final long[] values = new long[TX_DOUBLED + 1 + PADDING];

  /** Makes them, all 0. */
  public PortCounters() {}

  /** Frames were handed to the worker. */
  public void received(long frames, long bytes) {
    add(RX_FRAMES, frames);
    add(RX_BYTES, bytes);
  }

  /** A frame came that is none, or reading failed. */
  public void rxError(long frames) {
    add(RX_ERRORS, frames);
  }

  /** A frame came that no buffer could be had for, and is gone. */
  public void noBuffer(long frames) {
    add(RX_NO_BUFFER, frames);
  }

  /** Frames among those received are taken to have a checksum that was left to a device. */
  public void partial(long frames) {
    add(RX_PARTIAL, frames);
  }

  /** Frames are sent. */
  public void sent(long frames, long bytes) {
    add(TX_FRAMES, frames);
    add(TX_BYTES, bytes);
  }

  /** Frames that were taken could not be sent. */
  public void txError(long frames) {
    add(TX_ERRORS, frames);
  }

  /** Frames were not taken. */
  public void full(long frames) {
    add(TX_FULL, frames);
  }

  /** Of the frames that came in, some were lost on purpose, and copies of some were added. */
  void spoiledIn(long lost, long doubled) {
    add(RX_LOST, lost);
    add(RX_DOUBLED, doubled);
  }

  /** Of the frames taken to be sent, some were lost on purpose, and copies of some were added. */
  void spoiledOut(long lost, long doubled) {
    add(TX_LOST, lost);
    add(TX_DOUBLED, doubled);
  }

  private void add(int index, long amount) {
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  private long get(int index) {
    return (long) ELEMENT.getOpaque(values, index);
  }

  /** Frames handed to the worker. */
  public long rxFrames() {
    return get(RX_FRAMES);
  }

  /** Their bytes. */
  public long rxBytes() {
    return get(RX_BYTES);
  }

  /** Frames that came and were none (too short, cut off), and failed attempts to read one. */
  public long rxErrors() {
    return get(RX_ERRORS);
  }

  /** Frames that came and were lost because no buffer was free. */
  public long rxNoBuffer() {
    return get(RX_NO_BUFFER);
  }

  /**
   * Frames that came with a checksum their sender left to a device, where that has to be presumed
   * ({@link org.xdp4j.engine.frame.PartialChecksum}). It is completed when they leave.
   */
  public long rxPartial() {
    return get(RX_PARTIAL);
  }

  /** Frames sent. */
  public long txFrames() {
    return get(TX_FRAMES);
  }

  /** Their bytes. */
  public long txBytes() {
    return get(TX_BYTES);
  }

  /** Frames that came in and were lost on purpose ({@link FaultPort}). */
  public long rxLost() {
    return get(RX_LOST);
  }

  /** Copies made on purpose of frames that came in. */
  public long rxDoubled() {
    return get(RX_DOUBLED);
  }

  /** Frames taken to be sent that were lost on purpose ({@link FaultPort}). */
  public long txLost() {
    return get(TX_LOST);
  }

  /** Copies made on purpose of frames to be sent. */
  public long txDoubled() {
    return get(TX_DOUBLED);
  }

  /** Frames taken to be sent that the system then refused: the interface is down or gone. */
  public long txErrors() {
    return get(TX_ERRORS);
  }

  /** Frames not taken, because the queue was full: they stayed the caller's. */
  public long txFull() {
    return get(TX_FULL);
  }
}
