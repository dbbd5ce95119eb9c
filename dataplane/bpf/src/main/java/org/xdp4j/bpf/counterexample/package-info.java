/**
 * Looks for an input that makes a refused program really do what it was refused for: a frame, with
 * the map entries it needs, on which the checked interpreter faults at the refused instruction.
 * Depends on {@code isa}, {@code memory}, {@code context}, {@code map}, {@code helper}, {@code
 * object}, {@code verifier} (the refusal) and {@code interpreter}.
 *
 * <p>The search follows the path of the refusal. Each trial run is traced: for every register and
 * stack slot it is known how it was computed from the input ({@code Node}). Where a run leaves the
 * path, the condition it left at is solved for the input ({@code Solver}), which gives the next
 * inputs to try; where it gets to the instruction without a fault, its length is cut and its
 * offsets are driven to their ends. What the search says is never a proof: that nothing was found
 * means nothing more than that.
 */
package org.xdp4j.bpf.counterexample;
