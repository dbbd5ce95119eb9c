package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.generate.Coverage;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.generate.WorldMaps;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * No accepted program does what its proof does not say: programs, generated and mutated, that the
 * verifier accepts run in the interpreter on random frames, and before every instruction all that
 * the verifier knew on this path of registers and stack is compared with what is there. {@code
 * -Dxdp4j.soundness.programs=N} asks for N accepted programs, {@code -Dxdp4j.soundness.seed=S} for
 * others than those of every build.
 */
class SoundnessTest {
  private static final int PROGRAMS = Integer.getInteger("xdp4j.soundness.programs", 50_000);
  private static final long SEED = Long.getLong("xdp4j.soundness.seed", 0);
  private static final int MUTATIONS = 12;
  private static final int GENERATED = 100;
  private static final int FRAMES = 3;

  /** Only callbacks of kernel functions not in the table meet dynptrs in registers. */
  private static final Set<RegisterKind> NOT_GENERATED = EnumSet.of(RegisterKind.DYNPTR);

  /**
   * What helpers on special fields of map values (timers, locks, kernel pointers) and those that
   * wait for user space begin with: their maps need types, and only the rules' mutations call them.
   */
  private static final List<String> ON_FIELDS =
      List.of("bpf_timer_", "bpf_kptr_", "bpf_user_ringbuf_", "bpf_per_cpu_", "bpf_this_cpu_");

  private int accepted;
  private int refused;

  @Test
  void noGeneratedProgramContradictsItsProof() throws MapException {
    Coverage coverage = new Coverage();
    Set<Integer> helpers = new TreeSet<>();
    try (SoundnessWorld world = new SoundnessWorld(WorldMaps.ALL, SEED)) {
      for (long i = 0; accepted < PROGRAMS; i++) {
        BpfProgram program = WildPrograms.program(SEED + i);
        boolean wasAccepted = world.verifyAndRun("program " + (SEED + i), program, FRAMES);
        count(wasAccepted);
        if (wasAccepted && i < PROGRAMS) {
          coverage.add(program.instructions());
          addHelpers(program, helpers);
        }
      }
      System.out.printf(
          "soundness: %d accepted programs of %d generated and mutated ones, %d instructions run,"
              + " %d joined claims met, 0 contradict their proof%n",
          accepted, accepted + refused, world.steps(), world.compared());
      assertThat(accepted).as("30 %% of all").isGreaterThan((accepted + refused) / 10 * 3);
      assertThat(coverage.missing()).as("instructions never generated").isEmpty();
      assertThat(missing(helpers)).as("helpers never called").isEmpty();
      assertThat(world.kinds())
          .as("kinds of values met")
          .isEqualTo(EnumSet.complementOf(EnumSet.copyOf(NOT_GENERATED)));
    }
  }

  private static void addHelpers(BpfProgram program, Set<Integer> helpers) {
    program.instructions().stream()
        .filter(Instruction::isHelperCall)
        .forEach(i -> helpers.add(i.imm()));
  }

  private static List<String> missing(Set<Integer> called) {
    return Helpers.all().stream()
        .filter(helper -> !called.contains(helper.id()))
        .map(HelperSpec::name)
        .filter(name -> ON_FIELDS.stream().noneMatch(name::startsWith))
        .toList();
  }

  @Test
  void noMutatedRuleContradictsItsProof() throws IOException {
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
        "soundness: %d accepted mutations of %d of the rules, 0 contradict their proof%n",
        accepted, accepted + refused);
    assertThat(accepted).isGreaterThan(1500);
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
