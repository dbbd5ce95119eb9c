/**
 * Proves a program safe, or says why not in words a person can act on. Explores every path, keeping
 * for every register and stack slot what is known of it; what it finds out travels with the program
 * as {@link org.xdp4j.bpf.verifier.VerifiedProgram}. Depends on {@code isa}, {@code object}, {@code
 * map} (definitions) and {@code helper} (signatures).
 *
 * <pre>
 *  ControlFlow   functions, jumps, reachability          before any path is followed
 *  Explorer      the path: one VerifierState, changed by one instruction after the other
 *    AluTransfer, PointerArithmetic, ScalarArithmetic    arithmetic
 *    MemoryAccess, StackAccess, MemoryBounds             loads and stores
 *    BranchTransfer, BranchRefinement, PacketComparison  comparisons; the other path waits
 *    CallTransfer, HelperArguments                       calls
 *  Pruning       checkpoints: a path that adds nothing to one ends there
 *    StateComparison, Liveness, Precision                what of a state matters
 *    Checkpoints, CheckpointMemory                       which are kept, and how much they take
 *    Loops, Widening                                     loops that end by themselves
 *  Facts         what was found out, for the compiler
 *  Refusals      what is wrong, as data: Refusal, with PathReport, Origin, Condition, Advice
 *  VerifierObserver  sees each step: PathRecorder (paths in full, warnings), VerifierLog
 * </pre>
 *
 * <p>Words: a <i>checkpoint</i> is a state kept where paths may meet; a scalar is <i>precise</i> in
 * a checkpoint when a decision behind it rested on its value, so that another value there is
 * another case; scalars are <i>linked</i> when they are copies of one another, plus a constant at
 * the most.
 *
 * <p>A VerifierState is cheap to copy: RegisterState, Pointee, ScalarRange and StackSlot are
 * immutable and shared, and frames share their slots until one is written. Marks that the paths
 * behind a checkpoint leave in it (slots read, precise scalars) are in its frames and are not
 * copied.
 *
 * <p>Any program ends in accept or refuse, in bounded time and memory: see {@code VerifierLimits}.
 * Programs are judged as Linux 6.18 judges those of a privileged user. Known differences: after a
 * tail call in a subprogram the caller is also followed as if another program had returned to it;
 * slices of a ring buffer's record are lost when the record is given back; a program need not be
 * bound to a device to ask for a frame's metadata; of kernel functions there are only those that
 * need no kernel.
 */
package org.xdp4j.bpf.verifier;
