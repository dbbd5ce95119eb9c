package org.xdp4j.bpf.helper;

/**
 * A helper that Linux offers to XDP programs and that has no honest answer outside a kernel, so
 * that a program calling it is refused.
 *
 * @param id {@code enum bpf_func_id}
 * @param name with its {@code bpf_} prefix
 * @param reason why, as the end of a sentence that begins with the name
 */
public record RefusedHelper(int id, String name, String reason) {}
