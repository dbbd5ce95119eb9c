package org.xdp4j.bpf.interpreter;

/** Sees a program run, instruction by instruction. Called on the thread that runs it. */
@FunctionalInterface
public interface StepListener {
  /** Looks at nothing. */
  StepListener NONE = (index, registers) -> {};

  /**
   * Called before an instruction takes effect.
   *
   * @param index its slot
   * @param registers r0 to r10; the interpreter's own, to be read and only during the call
   */
  void before(int index, long[] registers);
}
