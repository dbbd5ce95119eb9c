package org.xdp4j.engine.forward;

import java.util.List;

/**
 * What became of every frame, as of one moment between two rounds of each worker.
 *
 * <pre>
 *  received + generated = transmitted + punted + delivered + dropped(by reason) + in flight
 * </pre>
 *
 * @param received frames that came in through ports
 * @param receivedBytes their bytes, without Ethernet's check sequence
 * @param generated frames made here: answers, errors and questions of the stack, copies for several
 *     ports, for bridges and for mirrors
 * @param transmitted frames sent out of ports: those that a port took and could not send are a drop
 * @param transmittedBytes bytes that ports took, those of frames they could not send included
 * @param punted frames sent out of the punt port
 * @param delivered frames that were for the stack itself, or went to a consumer of a program's map
 * @param drops frames dropped, by reason; reasons nothing was dropped for are missing
 * @param inFlight frames that have not ended yet, counted where they are: with workers, in rings,
 *     waiting for neighbours, and with ports that have not sent them yet
 */
public record ForwardBooks(
    long received,
    long receivedBytes,
    long generated,
    long transmitted,
    long transmittedBytes,
    long punted,
    long delivered,
    List<DropCount> drops,
    long inFlight) {
  /** Takes a copy of the list. */
  public ForwardBooks {
    drops = List.copyOf(drops);
  }

  /** Frames dropped for any reason. */
  public long dropped() {
    return drops.stream().mapToLong(DropCount::frames).sum();
  }

  /** Frames dropped for the reason with this name. */
  public long dropped(String reason) {
    return drops.stream()
        .filter(drop -> drop.reason().equals(reason))
        .mapToLong(DropCount::frames)
        .sum();
  }

  /** Frames that came in, less frames that ended or are in flight: 0 when the books balance. */
  public long difference() {
    return received + generated - transmitted - punted - delivered - dropped() - inFlight;
  }

  /**
   * Asserts the balance.
   *
   * @throws IllegalStateException with the books in it, when a frame was lost or counted twice
   */
  public void requireBalance() {
    if (difference() != 0) {
      throw new IllegalStateException("the books do not balance by " + difference() + ": " + this);
    }
  }

  /** The balance in one line. */
  @Override
  public String toString() {
    StringBuilder reasons = new StringBuilder();
    for (DropCount drop : drops) {
      reasons.append(' ').append(drop.reason()).append('=').append(drop.frames());
    }
    return ("received %d + generated %d = transmitted %d + punted %d + delivered %d"
            + " + dropped %d [%s] + in flight %d")
        .formatted(
            received,
            generated,
            transmitted,
            punted,
            delivered,
            dropped(),
            reasons.toString().strip(),
            inFlight);
  }
}
