/**
 * Receive, dispatch, run, apply the verdict, transmit.
 *
 * <pre>
 *  one worker, one thread        Receiver -&gt; ProgramRunner -&gt; Egress
 *
 *  several workers               Receiver -&gt; FlowHash -&gt; ring -&gt; Worker: ProgramRunner -&gt; ring -&gt; Egress
 *                                '-- the pipeline's thread --'   '- its own thread -'     '- the pipeline's -'
 * </pre>
 *
 * The pipeline's thread owns the frame pool, receives and transmits; workers only run programs. A
 * frame is thus handed over twice, by reference, through single-producer single-consumer rings that
 * can hold every frame there is, so that none is ever full. Frames of a flow go to the same worker
 * and keep their order; where output is written, all frames leave in the order they came, so that
 * what is written does not depend on how many workers there were.
 *
 * <p>Depends on {@code account}, {@code frame} and {@code port}.
 */
package org.xdp4j.engine.worker;
