package org.xdp4j.daemon.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.AnyProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.map.ProgramKind;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.daemon.control.view.MapHandle;

/** What is shown of maps whose entries are not plain keys and values. */
class MapContentsTest {
  private final Region region = Region.reserve(1 << 24);
  private final Btf types;
  private final int point;

  MapContentsTest() throws Exception {
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    point = btf.struct("point", 8, "x", number, 0, "y", number, 32);
    types = btf.parse();
  }

  @AfterEach
  void close() {
    region.close();
  }

  private static byte[] bytes(int... numbers) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : numbers) {
      buffer.putInt(number);
    }
    return buffer.array();
  }

  private static MapSpec spec(String name, MapType type, int key, int value, int flags) {
    return MapSpec.of(name, type, key, value, 4, flags);
  }

  private BpfMap map(MapSpec spec) throws MapException {
    return MapFactory.create(spec, region, 1);
  }

  private List<String> shown(BpfMap map, long offset) {
    MapContents contents =
        new MapContents(new MapHandle(map, map.name(), map.spec(), types, "program"));
    List<String> lines = new ArrayList<>();
    Iterator<MapContents.Entry> entries = contents.entries(offset);
    while (entries.hasNext()) {
      MapContents.Entry entry = entries.next();
      lines.add(entry.keyText() + ": " + entry.texts().getFirst());
      lines.add(entry.key().text() + ": " + entry.values().getFirst().text());
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(names = {"QUEUE", "STACK"})
  void aQueuesValuesStandUnderTheirPlacesTheOldestFirst(MapType type) throws Exception {
    QueueMap queue = (QueueMap) map(spec("q", type, 0, 8, 0).withBtf(0, point));
    assertThat(shown(queue, 0)).isEmpty();
    for (int i = 1; i <= 3; i++) {
      assertThat(queue.put(new byte[0], bytes(i, -i), 0)).isZero();
    }
    assertThat(shown(queue, 1))
        .containsExactly(
            "#1: {\"x\": 2, \"y\": -2}",
            "1: {\"x\": 2, \"y\": -2}",
            "#2: {\"x\": 3, \"y\": -3}",
            "2: {\"x\": 3, \"y\": -3}");
    assertThat(shown(queue, 9)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void aMapInAMapIsItsNameAndItsEntries(MapType type) throws Exception {
    MapSpec inner = spec("inner", MapType.HASH, 4, 8, 0).withBtf(0, point);
    BpfMap holder = map(spec("holder", type, 4, 4, 0).withInner(inner));
    BpfMap held = map(inner);
    held.put(bytes(7), bytes(1, 2), 0);
    assertThat(((InnerMaps) holder).set(bytes(1), held, 0)).isZero();
    assertThat(shown(holder, 0))
        .containsExactly(
            "1: map inner (HASH) {7: {\"x\": 1, \"y\": 2}}",
            "1: {\"map\":\"inner\",\"type\":\"HASH\",\"entries\":[{\"key\":7,\"keyText\":\"7\",\"values\":[{\"x\":"
                + " 1, \"y\": 2}],\"texts\":[\"{\\\"x\\\": 1, \\\"y\\\": 2}\"]}]}");
  }

  @Test
  void programsAreShownByTheirNames() throws Exception {
    ProgramArrayMap programs = (ProgramArrayMap) map(spec("jumps", MapType.PROG_ARRAY, 4, 4, 0));
    Executable two =
        new InterpretedProgram(Assembler.assemble("r0 = 2\nexit\n"), List.of(), region);
    programs.set(2, new AnyProgram("next", new ProgramKind(false, ""), two), BpfMap.ANY);
    assertThat(shown(programs, 0)).containsExactly("2: program next", "2: \"next\"");
  }

  @Test
  void anArenaIsShownByTheVariablesInIt() throws Exception {
    MapSpec spec = spec("arena", MapType.ARENA, 0, 0, MapSpec.F_MMAPABLE);
    assertThat(shown(map(spec), 0)).isEmpty();
    BpfMap arena = map(spec.withBtf(0, point).withData(bytes(5, 6)));
    assertThat(shown(arena, 0))
        .containsExactly("#0: {\"x\": 5, \"y\": 6}", "0: {\"x\": 5, \"y\": 6}");
  }
}
