package org.xdp4j.bpf.isa;

/** Text is no program. The message is one sentence naming the line. */
public final class AssemblyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AssemblyException(String message) {
    super(message);
  }
}
