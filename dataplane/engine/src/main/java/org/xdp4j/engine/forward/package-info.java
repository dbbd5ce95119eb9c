/**
 * The running forwarder: {@link org.xdp4j.engine.forward.Forwarder} takes a plan and makes workers
 * of it that receive, run programs, hand what these pass to the network stack, and transmit.
 *
 * <pre>
 *  port queue -> worker -> programs of the port -> DROP, ABORTED    -> counted by reason
 *                                               -> TX, REDIRECT     -> batch of a port -> port queue
 *                                               -> PASS (or none)   -> net.stack -> batch, punt, drop
 *  another worker's ring -> worker              (ports with fewer queues than workers, CPU maps)
 * </pre>
 *
 * <p>Words: a <em>worker</em> is a thread that owns queues, a frame pool, a program context, a
 * stack and counters. A <em>layout</em> is the immutable picture of ports and attached programs
 * that workers read once a round. A <em>round</em> is one pass over a worker's queues and rings;
 * between two rounds nothing of the layout is in use, so what a layout no longer has can be freed
 * once every worker has begun a round with the next. Control threads give workers small tasks to do
 * between two rounds, through a queue; no worker ever waits for a lock of theirs.
 *
 * <p>A plan is applied in this order, so that a refused one is not noticed by any frame:
 *
 * <pre>
 *  load      objects are read, verified, compiled; maps that only they have are filled
 *  prepare   ports, network, workers, trial runs: whatever else can fail
 *  write     entries of maps that are in use, kept or pinned: frames meet them from here on
 *  commit    workers go over to the new layout
 *  retire    workers, rings and the watch are done with the old one; its objects are closed
 * </pre>
 *
 * When a write fails, those before it are taken back, and what was loaded is closed after workers,
 * rings and the watch have done with it. A program that stands in a map that stays is held by its
 * entry, as {@code org.xdp4j.bpf} says; {@code Reclaimer} lets it go after the entry.
 */
package org.xdp4j.engine.forward;
