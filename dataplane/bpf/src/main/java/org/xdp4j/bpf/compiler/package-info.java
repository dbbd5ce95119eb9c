/**
 * Turns a verified program into a hidden class with {@code java.lang.classfile}, relying on what
 * the verifier proved.
 *
 * <pre>
 *  Code ─&gt; FlowGraph (blocks) ─&gt; Chunks ─&gt; Function (a method, or several)
 *               Pointers ─&gt; StackWords, Copies, Fills ┘
 *                                             │
 *            Body + *Emitter (bytecode) ─&gt; ProgramClass ─&gt; CompiledProgram
 * </pre>
 *
 * Registers are local variables, and so are words of the stack that only loads, stores and look-ups
 * touch ({@code StackWords}); the region's segment, the maps and what is read of them are constants
 * of the class, context fields and packet bounds fields and locals. Keys of up to 16 bytes go to
 * look-ups as numbers ({@code HashLookup}, {@code LpmLookup}), what is loaded from {@code .rodata}
 * is a constant, and runs of loads and stores that copy, or of stores of known numbers, are done by
 * whole words ({@code Copies}, {@code Fills}).
 *
 * <p>Every access to memory is checked by the JVM, so a wrong proof ends in an exception. Pointers
 * are checked by {@code Objects.checkIndex} where they come from (a packet's bound, r10, what a
 * look-up found), against the region's size: the JIT then knows their range, and as the region has
 * a guard behind its end, drops the checks of accesses at constant offsets from them.
 *
 * <p>A function too large for HotSpot is cut into <em>chunks</em>, methods that hand the registers
 * still alive over through {@code XdpContext.handover}.
 *
 * <p>Depends on {@code isa}, {@code memory}, {@code context}, {@code map}, {@code helper} and
 * {@code verifier}.
 */
package org.xdp4j.bpf.compiler;
