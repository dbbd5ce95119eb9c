/**
 * Frames: preallocated objects over fixed-size buffers in the programs' region. A frame is moved by
 * reference from the thread that received it to the worker and back, and one thread has it at a
 * time; only that thread may touch it.
 *
 * <pre>
 *  start          data            dataEnd              end
 *    | 256 headroom | the frame      |  tailroom          |
 * </pre>
 *
 * Depends on {@code bpf.memory} and {@code net.wire}.
 */
package org.xdp4j.engine.frame;
