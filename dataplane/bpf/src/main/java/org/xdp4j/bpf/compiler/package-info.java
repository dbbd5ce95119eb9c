/**
 * Turns a verified program into a hidden class with {@code java.lang.classfile}, relying on what
 * the verifier proved.
 *
 * <pre>
 *  Code ─&gt; FlowGraph (blocks) ─&gt; Chunks ─&gt; Function (a method, or several)
 *                                             │
 *            Body + *Emitter (bytecode) ─&gt; ProgramClass ─&gt; CompiledProgram
 * </pre>
 *
 * Registers are local variables, the region's segment and the maps constants of the class, context
 * fields and packet bounds fields and locals. Every access to memory is checked by the JVM, so a
 * wrong proof ends in an exception. A function too large for HotSpot is cut into <em>chunks</em>,
 * methods that hand the registers still alive over through {@code XdpContext.handover}.
 *
 * <p>Depends on {@code isa}, {@code memory}, {@code context}, {@code map}, {@code helper} and
 * {@code verifier}.
 */
package org.xdp4j.bpf.compiler;
