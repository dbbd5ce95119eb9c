package org.xdp4j.bpf;

/**
 * A copy of a frame that came in, to warm a program up with ({@link XdpProgram#warm}).
 *
 * @param bytes of the frame, from its Ethernet header on
 * @param ingressIfindex the interface it came in on
 * @param rxQueueIndex the queue it came in on
 * @param nanos its time
 */
public record SampleFrame(byte[] bytes, int ingressIfindex, int rxQueueIndex, long nanos) {}
