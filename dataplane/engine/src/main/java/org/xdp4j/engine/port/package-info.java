/**
 * Where frames come from and go to.
 *
 * <p>A {@link org.xdp4j.engine.port.Port} is an interface of the forwarder: made and closed on a
 * control thread, with one {@link org.xdp4j.engine.port.PortQueue} a worker, which alone uses it
 * and never waits in it. Frames are moved by reference: a queue fills frames of its worker's pool,
 * and frames sent are the queue's until it gives them back to that pool.
 *
 * <pre>
 *   receive(pool, into, max)          pool -&gt; frames filled -&gt; the worker's
 *   transmit(pool, frames, count)     the worker's -&gt; the queue's -&gt; sent -&gt; pool
 *   poll(pool)                        what was held back is sent; what is sent goes to the pool
 *   drain(pool)                       the end: every frame that is held goes to the pool
 * </pre>
 *
 * <p>What a queue did not take stays the worker's, which drops it by name. Everything is counted a
 * queue ({@link org.xdp4j.engine.port.PortCounters}); a port sums up ({@link
 * org.xdp4j.engine.port.PortStatistics}).
 *
 * <p>Kinds: captures in ({@link org.xdp4j.engine.port.CaptureInPort}) and out ({@link
 * org.xdp4j.engine.port.CaptureOutPort}), generator ({@link org.xdp4j.engine.port.GeneratorPort}),
 * wire without a device ({@link org.xdp4j.engine.port.LoopbackPort}), another port with faults
 * ({@link org.xdp4j.engine.port.FaultPort}), null ({@link org.xdp4j.engine.port.NullPort}); in
 * {@code port.linux} those onto Linux's interfaces.
 *
 * <p>A replay, which has one input and one output, uses the simpler {@link
 * org.xdp4j.engine.port.Receiver} and {@link org.xdp4j.engine.port.Transmitter}, which keep no
 * frame.
 *
 * <p>Depends on {@code capture}, {@code frame} and {@code account}.
 */
package org.xdp4j.engine.port;
