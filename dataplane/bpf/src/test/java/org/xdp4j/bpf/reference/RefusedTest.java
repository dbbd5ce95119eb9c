package org.xdp4j.bpf.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.RefusedHelper;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.Verifier;

/** Every refused row of the tables says what it is and why, and leaves nothing behind. */
class RefusedTest {
  static Collection<RefusedHelper> helpers() {
    return Helpers.refused();
  }

  static Stream<MapType> maps() {
    return Arrays.stream(MapType.values()).filter(type -> !MapFactory.refusal(type).isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("helpers")
  void aProgramThatCallsARefusedHelperIsRefused(RefusedHelper helper) {
    BpfProgram program =
        BpfProgram.of(
            List.of(
                new Instruction(Opcode.JMP | Opcode.CALL, 0, 0, 0, helper.id()),
                new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0)));
    assertThatThrownBy(() -> Verifier.verify(program, List.of()))
        .hasMessageContaining(helper.name())
        .hasMessageContaining(helper.reason());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("maps")
  void aMapOfARefusedTypeIsRefused(MapType type) {
    try (Region region = Region.reserve(1 << 20)) {
      long free = region.free();
      assertThatThrownBy(() -> MapFactory.create(MapSpec.of("odd", type, 4, 4, 1, 0), region, 1))
          .isInstanceOf(MapException.class)
          .hasMessageContaining("odd", type.name(), MapFactory.refusal(type));
      assertThat(region.free()).isEqualTo(free);
    }
  }
}
