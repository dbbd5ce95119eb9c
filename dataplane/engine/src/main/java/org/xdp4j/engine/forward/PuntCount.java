package org.xdp4j.engine.forward;

/**
 * Packets that the stack handed on as not its own.
 *
 * @param reason a short name for tables and metrics
 * @param frames how many
 */
public record PuntCount(String reason, long frames) {}
