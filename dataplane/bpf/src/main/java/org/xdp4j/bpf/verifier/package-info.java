/**
 * Proves a program safe, or says why not in words a person can act on. Explores every path, keeping
 * for every register and stack slot what is known of it; what it finds out travels with the program
 * as {@link org.xdp4j.bpf.verifier.VerifiedProgram}. Depends on {@code isa}, {@code object}, {@code
 * map} (definitions) and {@code helper} (signatures).
 */
package org.xdp4j.bpf.verifier;
