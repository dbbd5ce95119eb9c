package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * No accepted program does what its proof does not say: programs, generated and mutated, that the
 * verifier accepts run in the interpreter on random frames, and before every instruction all that
 * the verifier knew on this path of registers and stack is compared with what is there. {@code
 * -Dxdp4j.soundness.programs=N} asks for a longer campaign.
 */
class SoundnessTest {
  private static final int MUTATIONS = 24;
  private static final int GENERATED = 200;
  private static final int FRAMES = 4;

  private int accepted;
  private int refused;

  @Test
  void noMutatedProgramContradictsItsProof() throws IOException {
    for (Rule rule : Rule.all().toList()) {
      if (!rule.program().instructions().isEmpty()) {
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
    try (SoundnessWorld world = new SoundnessWorld(maps, seed)) {
      Mutation mutation = new Mutation(new Random(seed));
      for (int i = 0; i < MUTATIONS; i++) {
        count(world.verifyAndRun(name + ", mutation " + i, mutation.apply(base), FRAMES));
      }
    } catch (MapException e) {
      // A map that cannot be made here: the rule is about the verdict only.
      refused += MUTATIONS;
    }
  }

  private void count(boolean wasAccepted) {
    if (wasAccepted) {
      accepted++;
    } else {
      refused++;
    }
  }
}
