package org.xdp4j.bpf;

import java.util.List;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectTypes;
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
    BpfProgram source = program.program();
    LocalTypes types = new ObjectTypes(source.btf()).forRuns(cpus, source.kernel());
    if (interpret) {
      InterpreterOptions options =
          InterpreterOptions.defaults()
              .withCallFrames(callFrames)
              .withTypes(types)
              .withArenas(program::arena)
              .withProbes(program::isProbe)
              .withInlinedLoops(program::inlinesLoop)
              .withExceptionCallbacks(program.exceptionCallbacks());
      return new InterpretedProgram(program.program().instructions(), maps, region, options);
    }
    return Compiler.compile(program, maps, region, Compiler.Options.defaults().withTypes(types));
  }
}
