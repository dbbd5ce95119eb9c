package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;

/** Whatever bytes a program is made of, it is accepted or refused; nothing else happens. */
class VerifierRobustnessTest {
  private static final int FLIPS = 60;

  private final Random random = new Random(3);
  private int decided;

  @Test
  void programsWithFlippedBitsAreAcceptedOrRefused() throws IOException {
    for (Rule rule : Rule.all().toList()) {
      if (rule.name().contains("loop") || rule.program().instructions().isEmpty()) {
        continue;
      }
      for (int i = 0; i < FLIPS; i++) {
        decide(flipped(rule.program().instructions()), rule.maps());
      }
    }
    assertThat(decided).isGreaterThan(10_000);
  }

  @Test
  void programsOfRandomBytesAreAcceptedOrRefused() {
    for (int i = 0; i < 20_000; i++) {
      List<Instruction> code = new ArrayList<>();
      for (int j = random.nextInt(20); j >= 0; j--) {
        code.add(Instruction.decode(random.nextLong()));
      }
      decide(code, List.of());
    }
    assertThat(decided).isEqualTo(20_000);
  }

  @Test
  void filtersWithFlippedBitsAreAcceptedOrRefused() throws IOException, ObjectException {
    for (Path file : FiltersTest.objects().toList()) {
      BpfObject object = ObjectReader.read(file);
      for (BpfProgram program : object.programs()) {
        for (int i = 0; i < FLIPS; i++) {
          decide(flipped(program.instructions()), object.maps());
        }
      }
    }
    assertThat(decided).isGreaterThan(500);
  }

  private List<Instruction> flipped(List<Instruction> code) {
    List<Instruction> changed = new ArrayList<>(code);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(changed.size());
      long word = changed.get(at).encode() ^ 1L << random.nextInt(64);
      changed.set(at, Instruction.decode(word));
    }
    return changed;
  }

  private void decide(List<Instruction> code, List<MapSpec> maps) {
    try {
      Verifier.verify(BpfProgram.of(code), maps);
    } catch (VerifierException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
    decided++;
  }
}
