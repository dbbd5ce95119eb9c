package org.xdp4j.engine.forward;

import java.time.Instant;

/**
 * A copy of a frame.
 *
 * @param point where on its way it was
 * @param time when
 * @param port the port it came in or leaves by; where it was dropped, the one it came in by; empty
 *     when it was made here
 * @param ifindex that port's interface index, 0 when it was made here
 * @param data its first bytes
 * @param length how many it really had
 * @param verdict what the last program returned that ran on it; -1 when none did
 * @param reason why it was dropped, or {@code punted: } and why; null when it was neither
 */
public record CapturedFrame(
    CapturePoint point,
    Instant time,
    String port,
    int ifindex,
    byte[] data,
    int length,
    int verdict,
    String reason) {}
