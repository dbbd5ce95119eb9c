package org.xdp4j.bpf.interpreter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

class MemoryChecksTest {
  private static final String NONE = "is in no memory of the program";
  private static final String FIND =
      """
      *(u32 *)(r10 - 4) = 0
      r1 = map[0] ll
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto out
      """;

  private final Machine machine = new Machine();

  @AfterEach
  void close() {
    machine.close();
  }

  @Test
  void contextHoldsTheSixFieldsOfXdpMd() {
    machine.context.ingressIfindex = 7;
    machine.context.rxQueueIndex = 8;
    machine.context.egressIfindex = -9;
    assertThat(machine.run("r0 = *(u32 *)(r1 + 0); exit")).isEqualTo(machine.context.data);
    assertThat(machine.run("r0 = *(u32 *)(r1 + 4); exit")).isEqualTo(machine.context.dataEnd);
    assertThat(machine.run("r0 = *(u32 *)(r1 + 8); exit")).isEqualTo(machine.context.dataMeta);
    assertThat(machine.run("r0 = *(u32 *)(r1 + 12); exit")).isEqualTo(7);
    assertThat(machine.run("r0 = *(u32 *)(r1 + 16); exit")).isEqualTo(8);
    assertThat(machine.run("r0 = *(u32 *)(r1 + 20); exit")).isEqualTo(0xfffffff7L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r0 = *(u8 *)(r1 + 0)",
        "r0 = *(u16 *)(r1 + 12)",
        "r0 = *(u64 *)(r1 + 0)",
        "r0 = *(u32 *)(r1 + 2)",
        "r0 = *(s32 *)(r1 + 0)",
        "r0 = *(u32 *)(r1 + 24)",
        "r0 = *(u32 *)(r1 - 4)",
        "*(u32 *)(r1 + 16) = 1",
        "lock *(u32 *)(r1 + 16) += r0"
      })
  void contextAllowsNothingElse(String access) {
    assertFault("r0 = 0; " + access + "; exit", "instruction 1 ");
  }

  @ParameterizedTest
  @CsvSource({"-16, 1", "63, 1", "60, 4", "56, 8", "-1, 8"})
  void packetReachesFromItsMetadataToItsEnd(int offset, int size) {
    String source = "r1 = *(u32 *)(r1 + 0); r0 = *(u%d *)(r1 %s %d); exit";
    machine.run(source.formatted(8 * size, offset < 0 ? "-" : "+", Math.abs(offset)));
  }

  @ParameterizedTest
  @CsvSource({"-17, 1", "-20, 8", "64, 1", "61, 4", "63, 8", "1000, 1"})
  void packetReachesNoFurther(int offset, int size) {
    String source = "r1 = *(u32 *)(r1 + 0); r0 = *(u%d *)(r1 %s %d); exit";
    assertFault(
        source.formatted(8 * size, offset < 0 ? "-" : "+", Math.abs(offset)),
        "load of " + size + " byte",
        NONE);
  }

  @Test
  void mapValuesAreReachedOneAtATime() {
    machine.map(MapType.ARRAY, 4, 12, 2, 0);
    assertThat(machine.run(FIND + "*(u32 *)(r0 + 8) = 5; r0 = *(u32 *)(r0 + 8); out: exit"))
        .isEqualTo(5);
    assertFault(FIND + "r0 = *(u64 *)(r0 + 8); out: exit", NONE);
    assertFault(FIND + "*(u8 *)(r0 - 1) = 0; out: exit", "store of 1 byte at", NONE);
  }

  @Test
  void valuesOfMapsTheProgramDoesNotUseAreOutOfReach() {
    var other = machine.map(MapType.ARRAY, 4, 8, 1, 0);
    machine.maps.clear();
    long key = machine.region.allocate(4, 4);
    assertFault("r1 = " + other.lookup(key, 0) + " ll; r0 = *(u8 *)(r1 + 0); exit", NONE);
  }

  @Test
  void mapFlagsForbidStoresAndLoads() {
    machine.map(MapType.ARRAY, 4, 8, 1, MapSpec.F_RDONLY_PROG);
    assertThat(machine.run("r1 = map[0] + 4 ll; r0 = *(u32 *)(r1 + 0); exit")).isZero();
    assertFault(
        "r1 = map[0] + 4 ll; *(u8 *)(r1 + 0) = 1; r0 = 0; exit",
        "is not allowed by the flags of map map0");
    machine.maps.clear();
    machine.map(MapType.ARRAY, 4, 8, 1, MapSpec.F_WRONLY_PROG);
    assertThat(machine.run("r1 = map[0] + 0 ll; *(u8 *)(r1 + 0) = 1; r0 = 3; exit")).isEqualTo(3);
    assertFault(
        "r1 = map[0] + 0 ll; r0 = *(u8 *)(r1 + 0); exit",
        "is not allowed by the flags of map map0");
  }

  @Test
  void stackOfACallFrameGoesWithTheFrame() {
    assertFault("r0 = *(u8 *)(r10 - 513); exit", NONE);
    assertFault("r0 = *(u8 *)(r10 + 0); exit", NONE);
    assertFault(
        """
        call inner
        r0 = *(u64 *)(r0 + 0)
        exit
        inner: r0 = r10
        r0 += -8
        *(u64 *)(r0 + 0) = 1
        exit
        """,
        "instruction 1 ",
        NONE);
  }

  @Test
  void atomicOperationsMustBeAligned() {
    assertFault("r0 = 1; lock *(u64 *)(r10 - 12) += r0; exit", "is not aligned");
    assertFault("r0 = 1; lock *(u32 *)(r10 - 6) += r0; exit", "is not aligned");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4095, -1, -8, Long.MIN_VALUE, Long.MAX_VALUE - 3})
  void addressesThatAreNoneFault(long address) {
    assertFault("r1 = " + address + " ll; r0 = *(u64 *)(r1 + 0); exit", NONE);
    assertFault("r1 = " + address + " ll; *(u64 *)(r1 + 0) = r1; exit", NONE);
  }

  @Test
  void helpersGetOnlyMemoryOfTheProgram() {
    machine.map(MapType.HASH, 8, 16, 4, 0);
    String find = "r1 = map[0] ll; r2 = r10; r2 += %d; call 1; r0 = 0; exit";
    assertFault(find.formatted(-7), "r2 of bpf_map_lookup_elem: load of 8 bytes", NONE);
    assertFault("r1 = r10; r2 = r10; call 1; exit", "r1 of bpf_map_lookup_elem is no map");
    assertFault(
        "r1 = map[0] ll; r2 = r10; r2 += -8; r3 = r10; r3 += -15; r4 = 0; call 2; exit",
        "r3 of bpf_map_update_elem: load of 16 bytes");
    assertFault(
        "r1 = map[0] ll; r2 = map[0] ll; r3 = 0; call 12; r0 = 0; exit", "r1 is not the context");
    assertFault("call 999999; exit", "there is no helper 999999");
  }

  private void assertFault(String source, String... parts) {
    assertThatThrownBy(() -> machine.run(source))
        .isInstanceOf(FaultException.class)
        .hasMessageContainingAll(Arrays.stream(parts).toArray(CharSequence[]::new));
  }
}
