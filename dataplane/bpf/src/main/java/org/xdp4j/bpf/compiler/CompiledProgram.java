package org.xdp4j.bpf.compiler;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;

/**
 * What the compiler's hidden classes extend. Nothing in it changes, so that any thread with an
 * {@link XdpContext} of its own may run it.
 */
public abstract class CompiledProgram implements Executable, Subprograms {
  private LocalTypes types = LocalTypes.NONE;

  /** For the compiler's classes. */
  protected CompiledProgram() {}

  /**
   * Runs with other arguments than a context.
   *
   * @param r1 the first register; an address in the region when the program is to use it as one
   * @param r2 the second register
   * @param framePointer r10
   * @return r0
   * @throws IndexOutOfBoundsException when the program leaves the region
   * @throws IllegalArgumentException when it does an atomic operation on a misaligned address
   * @throws ProgramFaultException when it passes a limit it was compiled with
   */
  public abstract long call(XdpContext context, long r1, long r2, long framePointer);

  /** Sets the structs that the program allocates objects of, before it is given to anybody. */
  final CompiledProgram with(LocalTypes structs) {
    types = structs;
    return this;
  }

  @Override
  public final LocalTypes types() {
    return types;
  }

  @Override
  public final long execute(XdpContext context, long framePointer) {
    return call(context, context.address, 0, framePointer);
  }
}
