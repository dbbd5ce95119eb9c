/**
 * The reference: runs a program one instruction at a time, checks every access against the memory
 * the program was given, and is written to be obvious. What the compiler makes is held against it.
 * Depends on {@code isa}, {@code memory}, {@code context}, {@code map} and {@code helper}.
 *
 * <p>It knows nothing of what a verifier proved. A program that does what no verified program does
 * (reads memory it was not given, gives a helper what it does not take, nests calls too deep) ends
 * in a {@link org.xdp4j.bpf.interpreter.FaultException} that names the instruction. Uninitialised
 * registers and stack read as whatever was there before; r1 to r5 keep their values over a call.
 */
package org.xdp4j.bpf.interpreter;
