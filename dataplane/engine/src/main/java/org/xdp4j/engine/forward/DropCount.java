package org.xdp4j.engine.forward;

import java.time.Instant;

/**
 * Frames that went no further for one reason.
 *
 * @param layer {@code engine} or {@code stack}: who dropped them
 * @param reason a short name for tables and metrics
 * @param sentence the reason in words
 * @param frames how many
 * @param lastSeen when the last was; null when there was none
 */
public record DropCount(
    String layer, String reason, String sentence, long frames, Instant lastSeen) {}
