package org.xdp4j.engine.forward;

import org.xdp4j.engine.port.PortState;
import org.xdp4j.engine.port.PortStatistics;

/**
 * A port as it is now.
 *
 * @param program the name of the plan's program on it; null when there is none
 * @param problem why it cannot do its work, part of a sentence; null when it can, or nothing is
 *     known
 */
public record PortView(
    String name,
    int ifindex,
    long mac,
    int mtu,
    int queues,
    PortState state,
    PortStatistics statistics,
    String program,
    String problem) {}
