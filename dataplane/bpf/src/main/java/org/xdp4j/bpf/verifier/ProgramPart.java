package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;

/**
 * A piece of a program that was put together of several: the instructions of one object, whose
 * numbers of types mean that object's types, as in Linux, where each program has a BTF of its own.
 *
 * @param start its first instruction; it goes on to the next part's
 * @param btf the object's types
 * @param kernel the types of the kernel that the object is for
 */
public record ProgramPart(int start, Btf btf, Btf kernel) {
  ProgramPart shifted(int by) {
    return new ProgramPart(start + by, btf, kernel);
  }
}
