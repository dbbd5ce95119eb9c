package org.xdp4j.engine.port;

import java.time.Duration;

/**
 * When a capture that is written is put aside and a new one begun. The one being written always has
 * the name given; those put aside are numbered: {@code out.pcap}, {@code out-1.pcap}, {@code
 * out-2.pcap} and so on, the highest number being the latest.
 *
 * @param bytes before a file would grow beyond so many; 0 for never
 * @param after when a file is so old, empty ones excepted; {@link Duration#ZERO} for never
 * @param frames when there are so many in a file; 0 for never
 * @param keep how many of those put aside are kept, the latest; 0 for all
 */
public record Rotation(long bytes, Duration after, long frames, int keep) {
  /** One file, however large. */
  public static final Rotation NONE = new Rotation(0, Duration.ZERO, 0, 0);

  /** Checks the numbers. */
  public Rotation {
    if (bytes < 0 || after.isNegative() || frames < 0 || keep < 0) {
      throw new IllegalArgumentException("a capture cannot be put aside before it is begun");
    }
  }
}
