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
 * once every worker has begun a round with the next ({@code Rounds}). Control threads give workers
 * small tasks to do between two rounds, through a queue; no worker ever waits for a lock of theirs.
 */
package org.xdp4j.engine.forward;
