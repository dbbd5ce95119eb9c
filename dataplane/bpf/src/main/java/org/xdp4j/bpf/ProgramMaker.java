package org.xdp4j.bpf;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.interpreter.ProgramFacts;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectTypes;
import org.xdp4j.bpf.verifier.ProgramPart;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * Makes proved programs runnable.
 *
 * @param region where their maps, frames and stacks lie
 * @param interpret in the checked interpreter instead of compiled
 * @param cpus how many there are, of which objects may have a copy each
 */
record ProgramMaker(Region region, boolean interpret, int cpus) {
  /** A program by itself. */
  Executable make(VerifiedProgram program, List<BpfMap> maps) {
    return make(program, maps, XdpContext.MAX_CALL_FRAMES);
  }

  /** A program that others were put into. */
  Executable makeLinked(VerifiedProgram program, List<BpfMap> maps) {
    return make(program, maps, XdpContext.MAX_LINKED_FRAMES);
  }

  private Executable make(VerifiedProgram program, List<BpfMap> maps, int callFrames) {
    if (interpret) {
      return interpreted(program, maps, options(program, callFrames));
    }
    Compiler.Options options = Compiler.Options.defaults().withTypes(types(program));
    return Compiler.compile(program, maps, region, options);
  }

  /** A program in the interpreter, others put into it or not. */
  InterpretedProgram traced(VerifiedProgram program, List<BpfMap> maps, StepListener listener) {
    return interpreted(
        program, maps, options(program, XdpContext.MAX_LINKED_FRAMES).withListener(listener));
  }

  private InterpretedProgram interpreted(
      VerifiedProgram program, List<BpfMap> maps, InterpreterOptions options) {
    return new InterpretedProgram(program.program().instructions(), maps, region, options);
  }

  private InterpreterOptions options(VerifiedProgram program, int callFrames) {
    return InterpreterOptions.defaults()
        .withCallFrames(callFrames)
        .withFacts(
            new ProgramFacts(
                types(program),
                program.exceptionCallbacks(),
                program::arena,
                program::isProbe,
                program::inlinesLoop));
  }

  /** What each instruction knows by a type's number: programs of several objects differ in that. */
  private IntFunction<LocalTypes> types(VerifiedProgram program) {
    NavigableMap<Integer, LocalTypes> parts = new TreeMap<>();
    for (ProgramPart part : program.parts()) {
      parts.put(part.start(), new ObjectTypes(part.btf()).forRuns(cpus, part.kernel()));
    }
    LocalTypes only = parts.get(0);
    return parts.size() == 1 ? at -> only : at -> parts.floorEntry(at).getValue();
  }
}
