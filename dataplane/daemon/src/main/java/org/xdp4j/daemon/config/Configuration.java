package org.xdp4j.daemon.config;

import org.xdp4j.engine.plan.ForwarderPlan;

/**
 * What a configuration file says.
 *
 * @param plan what the forwarder is to be
 * @param settings how the process lives
 */
public record Configuration(ForwarderPlan plan, DaemonSettings settings) {}
