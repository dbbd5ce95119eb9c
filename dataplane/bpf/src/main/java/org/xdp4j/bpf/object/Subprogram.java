package org.xdp4j.bpf.object;

/**
 * A function within a linked program.
 *
 * @param name the symbol's name
 * @param start index of its first instruction
 * @param end one past its last instruction
 * @param global whether it is verified by its BTF arguments alone
 * @param btfFunc BTF id of its FUNC, 0 when the object has none
 */
public record Subprogram(String name, int start, int end, boolean global, int btfFunc) {}
