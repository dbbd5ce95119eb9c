package org.xdp4j.net.stack;

/**
 * Delays that stations of a link must not have in common: others on each station and each time, and
 * the same whenever a run is repeated.
 */
final class Chance {
  private final long station;
  private long drawn;

  /** Makes one for the station with this hardware address. */
  Chance(long mac) {
    station = mac * 0xD6E8FEB86659FD93L;
  }

  /** A number from 0 to below {@code bound}, which is less than 2^62. */
  long below(long bound) {
    drawn++;
    long mixed = (station ^ drawn) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
    return Math.floorMod(mixed ^ mixed >>> 32, bound);
  }
}
