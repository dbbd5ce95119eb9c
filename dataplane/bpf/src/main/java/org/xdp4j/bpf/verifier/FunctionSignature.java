package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.map.ObjectType;

/**
 * What a global function may be given, as its types say. It is all that its proof assumes, and all
 * that its callers must keep to.
 */
record FunctionSignature(List<Argument> arguments) {
  /** One argument, in r1 to r5. */
  sealed interface Argument {
    /** Any number. */
    record Scalar() implements Argument {}

    /** The program's context, as it was given. */
    record Context() implements Argument {}

    /**
     * Memory to read and write.
     *
     * @param size bytes
     * @param nullable whether it may be NULL, so that the function has to ask
     */
    record Memory(int size, boolean nullable) implements Argument {}

    /** Any value, at which memory is read with care. */
    record Probed() implements Argument {}

    /**
     * A structure of the kernel's.
     *
     * @param type its struct or union
     * @param trusted whether it is known to be valid; otherwise any value will do
     * @param nullable for a trusted one: whether it may be NULL
     */
    record Kernel(ObjectType type, boolean trusted, boolean nullable) implements Argument {}

    /** An initialised dynptr, which is only read. */
    record Dynptr() implements Argument {}

    /** A pointer into an arena, which may be any number. */
    record Arena() implements Argument {}
  }

  FunctionSignature {
    arguments = List.copyOf(arguments);
  }
}
