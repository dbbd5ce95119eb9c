package org.xdp4j.bpf.compiler;

import java.util.function.IntFunction;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Prefetch;

/**
 * What the compiler's hidden classes extend. Nothing in it changes, so that any thread with an
 * {@link XdpContext} of its own may run it.
 */
public abstract class CompiledProgram implements Executable, Subprograms {
  /** Batches in which the answer holds whether to look ahead. */
  private static final int HOLDS = 1024;

  /** Batches of fewer frames are not looked ahead for. */
  private static final int FEWEST = 8;

  private IntFunction<LocalTypes> types = instruction -> LocalTypes.NONE;

  private Lifetime lifetime = Lifetime.ENDLESS;

  /** The maps that are looked into first, by the numbers of hints. */
  private Prefetch[] first = {};

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

  /**
   * Sets, before it is given to anybody, the structs that the program allocates objects of, and the
   * maps that {@link #hints} is about.
   */
  final CompiledProgram with(IntFunction<LocalTypes> structs, Prefetch[] maps) {
    types = structs;
    first = maps;
    return this;
  }

  /**
   * Says in {@code batch.ahead} which key each frame will look up first ({@link Prefetch}), as far
   * as that can be told without running the program.
   */
  protected void hints(XdpBatch batch, XdpContext context) {}

  @Override
  public final void lookAhead(XdpBatch batch, XdpContext context) {
    if (first.length == 0 || batch.size < FEWEST || !isWorthIt(context)) {
      return;
    }
    try {
      hints(batch, context);
    } catch (IndexOutOfBoundsException stale) {
      // What is foreseen passes stores over, and may so have loaded what the program never would.
      return;
    }
    int fetched = 0;
    for (int number = 0; number < first.length; number++) {
      fetched += first[number].fetch(batch.ahead, batch.size, number, context.cpu);
    }
    context.fetched = fetched;
  }

  /** In a trial it is, so that this is compiled too. */
  private boolean isWorthIt(XdpContext context) {
    if (context.lookingAhead != this || context.lookAheadFor-- == 0) {
      context.lookingAhead = this;
      context.lookAheadFor = HOLDS;
      long bytes = 0;
      for (Prefetch map : first) {
        bytes += map.footprint();
      }
      context.looksAhead = bytes > Prefetch.CACHED;
    }
    return context.looksAhead || context.trial != null;
  }

  @Override
  public final LocalTypes types(int instruction) {
    return types.apply(instruction);
  }

  @Override
  public final Lifetime lifetime() {
    return lifetime;
  }

  @Override
  public final void livesBy(Lifetime of) {
    lifetime = of;
  }

  @Override
  public final long execute(XdpContext context, long framePointer) {
    return call(context, context.address, 0, framePointer);
  }
}
