package org.xdp4j.bpf.compiler;

/** A program cannot be compiled. The message is one sentence naming the instruction. */
public final class CompileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CompileException(String message) {
    super(message);
  }

  static CompileException at(int instruction, String what) {
    return new CompileException("instruction " + instruction + ": " + what);
  }
}
