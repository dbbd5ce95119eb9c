package org.xdp4j.engine.port;

/** How fast frames come from a port that could give all of them at once. */
public sealed interface Pace {
  /** As fast as they are taken. */
  record Unlimited() implements Pace {}

  /**
   * As far apart as their timestamps are.
   *
   * @param speed 2 for twice as fast
   */
  record Timestamps(double speed) implements Pace {
    /** Checks the speed. */
    public Timestamps {
      if (!(speed > 0) || Double.isInfinite(speed)) {
        throw new IllegalArgumentException("frames cannot come at a speed of " + speed);
      }
    }
  }

  /** Evenly, so many a second. */
  record Rate(double framesPerSecond) implements Pace {
    /** Checks the rate. */
    public Rate {
      if (!(framesPerSecond > 0) || framesPerSecond > 1e9) {
        throw new IllegalArgumentException("there is no rate of " + framesPerSecond + " frames/s");
      }
    }
  }
}
