/**
 * eBPF maps: one file a type, values in the {@link org.xdp4j.bpf.memory.Region} so that programs
 * can point at them, keys' indexes and locks in Java objects no program can reach. The semantics
 * and return codes are the kernel's (linux/bpf.h, kernel/bpf/*map*.c). Depends on {@code memory}
 * and {@code context}.
 */
package org.xdp4j.bpf.map;
