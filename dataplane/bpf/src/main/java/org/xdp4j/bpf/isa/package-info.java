/**
 * The eBPF instruction set of RFC 9669, as data: one {@link org.xdp4j.bpf.isa.Instruction} is one
 * 64-bit slot, and a wide instruction (LDDW) takes two of them, so an index into a program is what
 * the Linux verifier, {@code llvm-objdump} and jump offsets count. Depends on nothing.
 */
package org.xdp4j.bpf.isa;
