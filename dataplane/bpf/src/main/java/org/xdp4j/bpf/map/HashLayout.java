package org.xdp4j.bpf.map;

/**
 * Where a hash map keeps what it keeps: the value of element e that belongs to CPU c is at {@code
 * values + e * stride + c * cpuStride}.
 *
 * @param reader finds elements
 * @param values address of element 0's value
 * @param stride bytes from one element's value to the next one's
 * @param cpuStride bytes from one CPU's value to the next one's; 0 when all CPUs share it
 * @param touched whether {@link BpfMap#touch} must be told of each element found
 */
public record HashLayout(
    HashReader reader, long values, long stride, long cpuStride, boolean touched) {}
