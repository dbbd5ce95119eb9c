/**
 * The one address space a program sees. Depends on nothing.
 *
 * <p>An eBPF pointer is an offset into a {@link org.xdp4j.bpf.memory.Region}: frames, program
 * stacks, map values, ring-buffer records and what programs allocate themselves ({@link
 * org.xdp4j.bpf.memory.ObjectHeap}) all live in it, and offset 0 is never handed out, so it can be
 * NULL. Every access goes through the region's memory segment, whose bounds the JVM checks: a
 * program that a bug elsewhere let through can spoil its own region and nothing else.
 *
 * <p>What Linux frees after an RCU grace period (LPM trie nodes, objects that programs dropped) is
 * used again here after one of {@link org.xdp4j.bpf.memory.Rcu}; what Linux uses again at once
 * (elements of preallocated hash maps) is used again at once here too.
 */
package org.xdp4j.bpf.memory;
