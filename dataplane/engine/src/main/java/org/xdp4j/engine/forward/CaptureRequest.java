package org.xdp4j.engine.forward;

import java.util.Set;

/**
 * Which frames are captured.
 *
 * @param filter a tcpdump expression (pcap-filter(7)); empty for every frame
 * @param points where on their way
 * @param port only frames that come in or leave there; null for every port
 * @param snapLength bytes of a frame that are kept at the most
 * @param frames how many frames, then it ends by itself; 0 for no end
 * @param buffer frames of each worker that can wait to be written; what comes beyond is missed
 */
public record CaptureRequest(
    String filter, Set<CapturePoint> points, String port, int snapLength, long frames, int buffer) {
  /** Checks the numbers. */
  public CaptureRequest {
    points = Set.copyOf(points);
    if (points.isEmpty() || snapLength < 1 || frames < 0 || buffer < 2 || buffer > 1 << 16) {
      throw new IllegalArgumentException(
          "a capture needs a point, a length of 1 or more and a buffer of 2 to 65536 frames");
    }
  }

  /** Every frame that fits, as it comes in, whole up to 2048 bytes, until it is closed. */
  public static CaptureRequest of(String filter) {
    return new CaptureRequest(filter, Set.of(CapturePoint.RECEIVED), null, 2048, 0, 1024);
  }

  /** The same at other points. */
  public CaptureRequest withPoints(Set<CapturePoint> fresh) {
    return new CaptureRequest(filter, fresh, port, snapLength, frames, buffer);
  }

  /** The same with an end after so many frames. */
  public CaptureRequest withFrames(long fresh) {
    return new CaptureRequest(filter, points, port, snapLength, fresh, buffer);
  }

  /** The same of one port. */
  public CaptureRequest withPort(String fresh) {
    return new CaptureRequest(filter, points, fresh, snapLength, frames, buffer);
  }
}
