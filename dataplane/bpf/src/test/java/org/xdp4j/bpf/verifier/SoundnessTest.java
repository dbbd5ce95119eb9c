package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * No accepted program faults: mutated programs that the verifier accepts run in the interpreter,
 * which checks every access, on random frames.
 */
class SoundnessTest {
  private static final int MUTATIONS = 24;
  private static final int GENERATED = 200;
  private static final int FRAMES = 6;
  private static final int ROOM = 1024;
  private static final long LIMIT = 2_000_000;

  private int accepted;
  private int refused;

  /** The maps and frames that all mutations of one program run on. */
  private static final class World implements AutoCloseable {
    final Region region = Region.reserve(32 << 20);
    final XdpContext context = new XdpContext(region, 0);
    final List<BpfMap> maps = new ArrayList<>();
    final long frame = region.allocate(ROOM, 64);
    final Random random;

    World(List<MapSpec> specs, long seed) throws MapException {
      random = new Random(seed);
      for (MapSpec spec : specs) {
        maps.add(MapFactory.create(spec, region, 1));
      }
    }

    /** Runs on frames of random bytes, the shortest with no byte at all. */
    void run(BpfProgram program) {
      InterpreterOptions options = InterpreterOptions.defaults().withInstructionLimit(LIMIT);
      InterpretedProgram interpreted =
          new InterpretedProgram(program.instructions(), maps, region, options);
      for (int i = 0; i < FRAMES; i++) {
        int length = i == 0 ? 0 : random.nextInt(i * 24);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        MemorySegment.copy(bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, frame + 256, length);
        context.reset();
        context.frameStart = frame;
        context.data = frame + 256;
        context.dataMeta = frame + 256 - random.nextInt(3) * 4;
        context.dataEnd = frame + 256 + length;
        context.frameEnd = frame + ROOM - 320;
        context.ingressIfindex = random.nextInt(70);
        interpreted.execute(context, context.stackTop);
      }
    }

    @Override
    public void close() {
      region.close();
    }
  }

  @Test
  void noAcceptedProgramFaults() throws IOException {
    for (Rule rule : Rule.all().toList()) {
      // Loops, and those of may_goto above all, run long and meet no more kinds of access.
      boolean loops = rule.name().contains("loop") || rule.name().contains("goto");
      if (!loops && !rule.program().instructions().isEmpty()) {
        mutate(rule.name(), rule.program(), rule.maps(), rule.name().hashCode());
      }
    }
    for (int seed = 0; seed < GENERATED; seed++) {
      GeneratedProgram generated = ProgramGenerator.generate(seed);
      mutate("generated " + seed, generated.program(), generated.maps(), seed);
    }
    System.out.printf(
        "soundness: %d mutated programs accepted and run without a fault, %d refused%n",
        accepted, refused);
    assertThat(accepted).isGreaterThan(3000);
  }

  private void mutate(String name, BpfProgram base, List<MapSpec> maps, long seed) {
    try (World world = new World(maps, seed)) {
      Mutation mutation = new Mutation(new Random(seed));
      for (int i = 0; i < MUTATIONS; i++) {
        runIfAccepted(name + ", mutation " + i, mutation.apply(base), world);
      }
    } catch (MapException e) {
      // A map that cannot be made here: the rule is about the verdict only.
      refused += MUTATIONS;
    }
  }

  private void runIfAccepted(String name, BpfProgram program, World world) {
    List<MapSpec> maps = world.maps.stream().map(BpfMap::spec).toList();
    try {
      Verifier.verify(program, maps);
    } catch (VerifierException e) {
      refused++;
      return;
    }
    accepted++;
    try {
      world.run(program);
    } catch (FaultException e) {
      throw new AssertionError(name + " was accepted, but " + e.getMessage(), e);
    }
  }
}
