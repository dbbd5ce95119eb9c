package org.xdp4j.bpf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.ArrayMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.QueueMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;

/** Maps of maps, queues, stacks and bloom filters, and variables, filled by people. */
class ByHandTest {
  @TempDir private Path folder;
  private BpfObject object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = Clang.build(folder, "byhand.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private interface Use {
    void use(LoadedObject loaded, Region region) throws Exception;
  }

  private void with(Use use, String... assignments) throws Exception {
    List<MapAssignment> parsed = new ArrayList<>();
    for (String assignment : assignments) {
      parsed.add(MapAssignment.parse(assignment));
    }
    BpfObject prepared = MapAssignment.prepare(object, parsed);
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded =
            LoadedObject.load(
                prepared,
                region,
                LoadOptions.defaults().making(MapAssignment.inner(object, parsed)))) {
      MapAssignment.fill(prepared, parsed, loaded::map);
      use.use(loaded, region);
    }
  }

  private static long variable(LoadedObject loaded, BpfObject object, String name)
      throws TextException {
    BpfMap section = loaded.map(".bss").orElseThrow();
    MapText text = new MapText(object.map(".bss").orElseThrow(), object.btf());
    MapText.Variable variable = text.entries(name + "=0").getFirst().variable();
    return ByteBuffer.wrap(Arrays.copyOf(part(section, variable), 8))
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong();
  }

  private static byte[] part(BpfMap section, MapText.Variable variable) {
    byte[] all = section.get(new byte[4]);
    return Arrays.copyOfRange(all, variable.offset(), variable.offset() + variable.size());
  }

  @Test
  void theProgramFindsWhatWasPutThere() throws Exception {
    with(
        (loaded, region) -> {
          TestRun.run(
              loaded.program("by_hand").orElseThrow(), new XdpContext(region, 0), new byte[64], 1);
          assertThat(variable(loaded, object, "frames")).isEqualTo(101);
          assertThat(variable(loaded, object, "found")).isEqualTo(1);
          assertThat(variable(loaded, object, "popped")).isEqualTo(5 + 900 + 10000);
          BpfMap second = loaded.map("second").orElseThrow();
          assertThat(second.get(key(3))).startsWith(1);
          InnerMaps holder = (InnerMaps) loaded.map("holder").orElseThrow();
          assertThat(holder.inner(key(3))).isSameAs(second);
          assertThat(holder.inner(key(1))).isSameAs(loaded.map("first").orElseThrow());
          assertThat(((QueueMap) loaded.map("queue").orElseThrow()).values())
              .containsExactly(new byte[] {6, 0, 0, 0, 1, 0, 0, 0});
        },
        "queue={a: 5},{6, 1}",
        "stack=8,hex()=9",
        "seen=7",
        "holder=3=second",
        "frames=100");
  }

  @Test
  void aMapWhosePlaceGetsAnotherIsLetGo() throws Exception {
    with(
        (loaded, region) -> assertThat(loaded.map("second").orElseThrow().holders()).isEqualTo(1),
        "holder=3=second",
        "holder=3=first");
  }

  @Test
  void aMapThatIsNotThereByThenIsPutThereAgain() throws Exception {
    with(
        (loaded, region) -> {
          List<Runnable> undo = new ArrayList<>();
          MapAssignment.fill(
              object,
              List.of(MapAssignment.parse("holder=2=first"), MapAssignment.parse("queue={9}")),
              loaded::map,
              undo::add,
              undo::addFirst);
          InnerMaps holder = (InnerMaps) loaded.map("holder").orElseThrow();
          QueueMap queue = (QueueMap) loaded.map("queue").orElseThrow();
          assertThat(holder.inner(key(2))).isNotNull();
          assertThat(queue.values()).hasSize(2);
          undo.reversed().forEach(Runnable::run);
          assertThat(holder.inner(key(2))).isNull();
          assertThat(queue.values()).containsExactly(new byte[] {5, 0, 0, 0, 0, 0, 0, 0});
        },
        "queue={a: 5}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "holder=3=wide | map 'holder': map 'wide' cannot be put there: it has keys of 8 bytes, not"
            + " 4",
        "holder=3=third | map 'holder': there is no map 'third' to put there",
        "holder=3 | map 'holder': entry '3': a value is missing, write KEY=VALUE",
        "queue={1},{2},{3},{4} | map 'queue': all of its places are taken",
        "queue=[1] | map 'queue': value '[1]': ",
        "seen=x | map 'seen': value 'x': ",
        "workers=0={8, {5}} | map 'workers': bpf_prog.fd is a file descriptor of a kernel's",
        "workers=0={20000} | map 'workers': qsize is too large: a queue has at most 16384 places",
        "workers=9={8} | map 'workers': the key is outside of the map's 8 entries",
        "sockets=1=5 | map 'sockets': its values are sockets that a process has opened",
      })
  void whatCannotBeIsSaidInWords(String assignment, String sentence) {
    assertThatThrownBy(() -> with((loaded, region) -> {}, assignment))
        .isInstanceOfAny(TextException.class, LoadException.class)
        .hasMessageContaining(sentence)
        .hasMessageNotContaining("error ");
  }

  @Test
  void aVariableIsWrittenAloneWhileOthersChange() throws Exception {
    with(
        (loaded, region) -> {
          BpfMap section = loaded.map(".bss").orElseThrow();
          MapText text = new MapText(object.map(".bss").orElseThrow(), object.btf());
          for (MapText.Entry entry : text.entries("small=200, frames = 4294967296")) {
            byte[] value = text.value(entry.value(), entry.variable(), section.get(entry.key()));
            assertThat(value).hasSize(entry.variable().size());
            ((ArrayMap) section).writePart(entry.variable().offset(), value);
          }
          assertThat(variable(loaded, object, "small")).isEqualTo(200);
          assertThat(variable(loaded, object, "frames")).isEqualTo(1L << 32);
          assertThat(variable(loaded, object, "popped")).isZero();
        });
  }
}
