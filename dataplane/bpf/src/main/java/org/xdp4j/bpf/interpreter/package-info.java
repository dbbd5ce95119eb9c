/**
 * The reference: runs a program one instruction at a time, checks every access against the memory
 * the program was given, and is written to be obvious. What the compiler makes is held against it.
 * Depends on {@code isa}, {@code memory}, {@code context}, {@code map} and {@code helper}.
 */
package org.xdp4j.bpf.interpreter;
