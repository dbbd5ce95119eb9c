/**
 * The eBPF instruction set of RFC 9669, as data, with what Linux 6.18 adds (load-acquire,
 * store-release, may_goto). Depends on nothing.
 *
 * <ul>
 *   <li>A <em>slot</em> is 64 bits, one {@link org.xdp4j.bpf.isa.Instruction}. The wide instruction
 *       LDDW takes two of them, so an index into a program is what the Linux verifier, {@code
 *       llvm-objdump} and jump offsets count.
 *   <li>{@link org.xdp4j.bpf.isa.InstructionCheck} holds the rules an instruction must keep
 *       wherever it stands. Nothing is verified, interpreted or compiled that breaks one.
 *   <li>{@link org.xdp4j.bpf.isa.Disassembler} and {@link org.xdp4j.bpf.isa.Assembler} write and
 *       read the text of LLVM; {@link org.xdp4j.bpf.isa.SectionListing} lays it out as {@code
 *       llvm-objdump -d} does.
 * </ul>
 */
package org.xdp4j.bpf.isa;
