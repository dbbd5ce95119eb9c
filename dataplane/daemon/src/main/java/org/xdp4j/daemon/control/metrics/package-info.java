/**
 * The figures as Prometheus and OpenMetrics text: base units, counters end in {@code _total},
 * things are told apart by their names. Depends on {@code view}.
 */
package org.xdp4j.daemon.control.metrics;
