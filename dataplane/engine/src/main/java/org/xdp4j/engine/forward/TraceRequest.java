package org.xdp4j.engine.forward;

/**
 * Which frames' ways are written down.
 *
 * @param filter a tcpdump expression over the frame as it comes in; empty for every frame
 * @param port only frames that come in there; null for every port
 * @param frames how many frames, 1 to 10,000
 * @param onlyDropped whether only the stories of frames that are dropped are told
 */
public record TraceRequest(String filter, String port, int frames, boolean onlyDropped) {
  /** Checks the number. */
  public TraceRequest {
    if (frames < 1 || frames > 10_000) {
      throw new IllegalArgumentException("a trace is of 1 to 10,000 frames, not " + frames);
    }
  }

  /** So many frames that fit, of any port. */
  public static TraceRequest of(String filter, int frames) {
    return new TraceRequest(filter, null, frames, false);
  }
}
