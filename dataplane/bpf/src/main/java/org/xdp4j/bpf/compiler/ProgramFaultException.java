package org.xdp4j.bpf.compiler;

/**
 * A running program did what no verified one can: passed a limit, or went where the verifier proved
 * it never goes.
 */
public final class ProgramFaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProgramFaultException(String message) {
    super(message);
  }
}
