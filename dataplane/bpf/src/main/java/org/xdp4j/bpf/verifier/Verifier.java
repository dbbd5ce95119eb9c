package org.xdp4j.bpf.verifier;

import java.util.List;
import java.util.function.Consumer;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;

/** Proves programs safe. */
public final class Verifier {
  private Verifier() {}

  /**
   * Follows every path of {@code program}.
   *
   * @param maps the definitions its instructions index
   * @throws VerifierException when it cannot be proved safe
   */
  public static VerifiedProgram verify(BpfProgram program, List<MapSpec> maps)
      throws VerifierException {
    return verify(program, maps, null);
  }

  /**
   * The same, a little slower, with all there is to say: a refusal tells its path in full, and what
   * is accepted but looks like a mistake comes with warnings.
   */
  public static Explanation explain(BpfProgram program, List<MapSpec> maps) {
    return explain(program, maps, new VerifierObserver() {}, refusal -> {});
  }

  /**
   * The same, writing every step on the way in the manner of the kernel's verifier log, level 2.
   *
   * @throws java.io.UncheckedIOException when {@code log} does
   */
  public static Explanation explain(BpfProgram program, List<MapSpec> maps, Appendable log) {
    VerifierLog writer = new VerifierLog(program, maps, log);
    return explain(program, maps, writer, writer::refused);
  }

  private static Explanation explain(
      BpfProgram program,
      List<MapSpec> maps,
      VerifierObserver observer,
      Consumer<Refusal> onRefusal) {
    PathRecorder recorder = new PathRecorder(program, observer);
    try {
      VerifiedProgram verified = verify(program, maps, recorder);
      return new Explanation(verified, null, recorder.warnings());
    } catch (VerifierException e) {
      onRefusal.accept(e.refusal());
      return new Explanation(null, e.refusal(), recorder.warnings());
    }
  }

  /** The same, with an observer that sees every step; null for none. */
  static VerifiedProgram verify(BpfProgram program, List<MapSpec> maps, VerifierObserver observer)
      throws VerifierException {
    if (program.problem() != null) {
      throw new VerifierException(Refusal.whole(Cause.NOT_AVAILABLE, program.problem(), 0));
    }
    Verification v = new Verification(program, maps, observer);
    if (observer != null) {
      observer.begin(v);
    }
    StackDepth stackDepth = new StackDepth(v);
    stackDepth.checkNoRecursion();
    Explorer explorer = new Explorer(v);
    boolean extension = program.type() == ProgramType.EXTENSION;
    explorer.exploreAll(extension ? explorer.extensionStart() : start());
    stackDepth.check();
    if (observer != null) {
      observer.finish(v);
    }
    return v.facts.finish(v);
  }

  private static VerifierState start() {
    VerifierState state = new VerifierState();
    Frame frame = new Frame(0, -1, 0);
    frame.registers[1] = RegisterState.CONTEXT;
    state.push(frame);
    return state;
  }
}
