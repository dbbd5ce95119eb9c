package org.xdp4j.bpf.compiler;

/**
 * Instructions that run one after the other.
 *
 * @param start index of the first
 * @param end one past the last
 * @param successors starts of the blocks that may follow, those of dead code left out
 * @param cost estimated bytes of bytecode
 */
record Block(int start, int end, int[] successors, int cost) {}
