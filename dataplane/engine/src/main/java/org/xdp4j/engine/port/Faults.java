package org.xdp4j.engine.port;

/**
 * What goes wrong on a wire, in one direction. Each share is that of frames it happens to, from 0
 * (never) to 1 (always), each frame on its own.
 *
 * @param loss frames that vanish
 * @param duplicate frames that come twice
 * @param corrupt frames with one bit the other way round
 * @param reorder frames that come after the next {@link #REORDERED} instead of before them
 * @param delayNanos how much later every frame comes
 * @param jitterNanos up to so much later still, any value as likely as any other, without frames
 *     overtaking each other
 */
public record Faults(
    double loss,
    double duplicate,
    double corrupt,
    double reorder,
    long delayNanos,
    long jitterNanos) {
  /** How many frames a reordered one lets pass. */
  public static final int REORDERED = 3;

  /** Nothing goes wrong. */
  public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0);

  /** Checks the shares. */
  public Faults {
    for (double share : new double[] {loss, duplicate, corrupt, reorder}) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException(share + " is no share of frames: it is from 0 to 1");
      }
    }
    if (delayNanos < 0 || jitterNanos < 0) {
      throw new IllegalArgumentException("frames cannot come before they were sent");
    }
  }
}
