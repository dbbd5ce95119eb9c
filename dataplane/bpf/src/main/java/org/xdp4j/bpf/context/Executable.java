package org.xdp4j.bpf.context;

/** A program that can run: compiled, or interpreted. What a program array holds. */
public interface Executable {
  /**
   * Runs over the frame in {@code context}, within a run or a batch of its ({@link
   * XdpContext#enterRun}).
   *
   * @param framePointer r10 of the program's first call frame; {@code context.stackTop} except
   *     after a tail call out of a subprogram
   * @return r0
   */
  long execute(XdpContext context, long framePointer);

  /**
   * Has the memory that runs over the frames of {@code batch} will look keys up in brought to the
   * processor, all frames' at once: a hint, which changes nothing. To be called right before {@link
   * #executeBatch}.
   */
  default void lookAhead(XdpBatch batch, XdpContext context) {}

  /**
   * A number that says which program it is to those who read the value it is attached to (of a
   * device or CPU map); 0 when it has none.
   */
  default int id() {
    return 0;
  }

  /**
   * Runs over the frames of {@code batch} from {@link XdpBatch#done} on, in order, leaving each
   * frame's verdict and bounds in it. When a run faults, the exception goes up and {@code done}
   * says which frame it was. Compiled programs override it with a loop of their own, so that loop
   * and program are compiled as one.
   */
  default void executeBatch(XdpBatch batch, XdpContext context) {
    for (int i = batch.done; i < batch.size; i++) {
      batch.enter(i, context);
      batch.leave(i, context, execute(context, context.stackTop));
    }
  }
}
