/**
 * Frames in motion: ports, rings, workers and the books that balance them. The only room that knows
 * both eBPF and the network stack.
 */
package org.xdp4j.engine;
