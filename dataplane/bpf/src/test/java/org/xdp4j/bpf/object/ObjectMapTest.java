package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** Maps are what their definitions say. */
class ObjectMapTest {
  private static final int GLOBAL_OBJECT = ElfBuilder.GLOBAL | ElfBuilder.OBJECT;

  private final BtfBuilder btf = new BtfBuilder();
  private final int number = btf.integer("unsigned int", 4, false);

  private int uint(int value) {
    return btf.pointer(btf.array(number, value));
  }

  private MapSpec only(int definition, int size) throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int maps = elf.data(".maps", new byte[size]);
    elf.symbol("m", GLOBAL_OBJECT, maps, 0, size);
    btf.datasec(".maps", 0, btf.variable("m", definition, 1), 0, size);
    return read(elf).maps().getFirst();
  }

  private BpfObject read(ElfBuilder elf) throws ObjectException {
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    return ObjectReader.read("test.o", elf.build());
  }

  @Test
  void everyAttributeIsRead() throws ObjectException {
    int value = btf.struct("v", 12, "a", number, 0, "b", number, 32, "c", number, 64);
    int extra = btf.enum64("", false, "extra", 0x1_0000_0002L);
    MapSpec map =
        only(
            btf.typedef(
                "definition_t",
                btf.struct(
                    "",
                    64,
                    "type",
                    uint(30),
                    0,
                    "key",
                    btf.pointer(number),
                    64,
                    "value",
                    btf.pointer(value),
                    128,
                    "max_entries",
                    uint(77),
                    192,
                    "map_flags",
                    uint(4),
                    256,
                    "numa_node",
                    uint(1),
                    320,
                    "pinning",
                    uint(1),
                    384,
                    "map_extra",
                    extra,
                    448)),
            64);
    assertThat(map.problem()).isNull();
    assertThat(map.type()).isEqualTo(MapType.BLOOM_FILTER);
    assertThat(map.keySize()).isEqualTo(4);
    assertThat(map.keyBtf()).isEqualTo(number);
    assertThat(map.valueSize()).isEqualTo(12);
    assertThat(map.valueBtf()).isEqualTo(value);
    assertThat(map.maxEntries()).isEqualTo(77);
    assertThat(map.flags()).isEqualTo(4);
    assertThat(map.numaNode()).isEqualTo(1);
    assertThat(map.pinning()).isEqualTo(1);
    assertThat(map.extra()).isEqualTo(0x1_0000_0002L);
  }

  @Test
  void ringsAreRoundedUpToPagesAsLibbpfDoes() throws ObjectException {
    int[][] asked = {{0, 0}, {1, 4096}, {4096, 4096}, {5000, 8192}, {1 << 20, 1 << 20}};
    for (int[] size : asked) {
      MapSpecBuilder builder = new MapSpecBuilder("ring");
      builder.typeId = MapType.RINGBUF.id();
      builder.maxEntries = size[0];
      assertThat(builder.build().maxEntries()).isEqualTo(size[1]);
    }
  }

  @Test
  void mapsInMapsAndProgramArraysKnowTheirSlots() throws ObjectException {
    int inner = btf.struct("inner", 16, "type", uint(2), 0, "max_entries", uint(3), 64);
    int outer =
        btf.struct(
            "",
            24,
            "type",
            uint(12),
            0,
            "max_entries",
            uint(8),
            64,
            "key",
            btf.pointer(number),
            128,
            "values",
            btf.array(btf.pointer(inner), 0),
            192);
    int function = btf.prototype(number, "ctx", btf.pointer(0));
    int jumps =
        btf.struct(
            "",
            16,
            "type",
            uint(3),
            0,
            "key_size",
            uint(4),
            64,
            "values",
            btf.array(btf.pointer(function), 0),
            128);
    ElfBuilder elf = new ElfBuilder();
    int maps = elf.data(".maps", new byte[16 + 24 + 32 + 16 + 16]);
    int xdp = elf.code("xdp", Samples.mov(0, 0), Samples.EXIT);
    int in = elf.symbol("in", GLOBAL_OBJECT, maps, 0, 16);
    elf.symbol("out", GLOBAL_OBJECT, maps, 16, 56);
    elf.symbol("jumps", GLOBAL_OBJECT, maps, 72, 32);
    int main = elf.symbol("main", ElfBuilder.GLOBAL | ElfBuilder.FUNC, xdp, 0, 16);
    elf.relocate(maps, 16 + 24 + 16, 2, in);
    elf.relocate(maps, 72 + 16 + 8, 2, main);
    btf.datasec(
        ".maps",
        0,
        btf.variable("in", inner, 1),
        0,
        16,
        btf.variable("out", outer, 1),
        0,
        56,
        btf.variable("jumps", jumps, 1),
        0,
        32);
    List<MapSpec> specs = read(elf).maps();
    assertThat(specs).extracting(MapSpec::problem).containsOnlyNulls();
    assertThat(specs).extracting(MapSpec::name).containsExactly("in", "out", "jumps");
    assertThat(specs.get(1).valueSize()).isEqualTo(4);
    assertThat(specs.get(1).inner().type()).isEqualTo(MapType.ARRAY);
    assertThat(specs.get(1).inner().maxEntries()).isEqualTo(3);
    assertThat(specs.get(1).slots()).containsExactly(new MapSpec.Slot(2, "in"));
    assertThat(specs.get(2).slots()).containsExactly(new MapSpec.Slot(1, "main"));
  }

  @Test
  void aMapThatCannotBeMadeSaysWhy() throws ObjectException {
    assertThat(only(btf.struct("", 8, "size", uint(1), 0), 8).problem())
        .isEqualTo("section .maps, offset 0x0: map 'm': it has an unknown field 'size'");
  }

  @Test
  void aMapWhoseSizesDisagreeSaysSo() throws ObjectException {
    int definition =
        btf.struct(
            "", 24, "type", uint(1), 0, "key_size", uint(8), 64, "key", btf.pointer(number), 128);
    assertThat(only(definition, 24).problem())
        .isEqualTo("section .maps, offset 0x0: map 'm': its key has 8 bytes and 4");
  }

  @Test
  void aMapOfNoTypeSaysSo() throws ObjectException {
    assertThat(only(btf.struct("", 8, "max_entries", uint(1), 0), 8).problem())
        .isEqualTo("section .maps, offset 0x0: map 'm': it has no type");
  }

  @Test
  void mapsWithoutBtfAreListedWithTheReason() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int maps = elf.data(".maps", new byte[32]);
    elf.symbol("m", GLOBAL_OBJECT, maps, 0, 32);
    MapSpec map = ObjectReader.read("test.o", elf.build()).maps().getFirst();
    assertThat(map.name()).isEqualTo("m");
    assertThat(map.problem()).contains("compile with -g");
  }

  @Test
  void oldMapsOfEverySizeAreRead() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int maps =
        elf.data(
            "maps",
            ElfBuilder.concat(
                List.of(
                    ElfBuilder.ints(1, 4, 8, 100, 1),
                    ElfBuilder.ints(12, 4, 4, 5, 0, 2, 0),
                    ElfBuilder.ints(2, 4, 16, 7, 0, 0, 0))));
    elf.symbol("plain", GLOBAL_OBJECT, maps, 0, 20);
    elf.symbol("outer", GLOBAL_OBJECT, maps, 20, 28);
    elf.symbol("inner", GLOBAL_OBJECT, maps, 48, 28);
    List<MapSpec> specs = ObjectReader.read("test.o", elf.build()).maps();
    assertThat(specs).extracting(MapSpec::problem).containsOnlyNulls();
    assertThat(specs.get(0))
        .isEqualTo(MapSpec.of("plain", MapType.HASH, 4, 8, 100, MapSpec.F_NO_PREALLOC));
    assertThat(specs.get(1).inner().name()).isEqualTo("inner");
    assertThat(specs.get(2).valueSize()).isEqualTo(16);
  }

  @Test
  void iproute2MapsNameTheirInnerMapsByIdAndTheirSlots() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int maps =
        elf.data(
            "maps",
            ElfBuilder.concat(
                List.of(
                    ElfBuilder.ints(12, 4, 4, 8, 0, 1, 2, 42, 0),
                    ElfBuilder.ints(2, 4, 16, 7, 0, 42, 0, 0, 3))));
    elf.symbol("outer", ElfBuilder.GLOBAL | ElfBuilder.NOTYPE, maps, 0, 0);
    elf.symbol("inner", ElfBuilder.GLOBAL | ElfBuilder.NOTYPE, maps, 36, 0);
    List<MapSpec> specs = ObjectReader.read("test.o", elf.build()).maps();
    assertThat(specs.get(0).inner().name()).isEqualTo("inner");
    assertThat(specs.get(0).pinning()).isEqualTo(1);
    assertThat(specs.get(0).slots()).containsExactly(new MapSpec.Slot(3, "inner"));
  }

  @Test
  void anOldMapCutShortIsAProblemOfItsOwn() throws ObjectException {
    ElfBuilder elf = Samples.pass();
    int maps = elf.data("maps", new byte[8]);
    elf.symbol("short", GLOBAL_OBJECT, maps, 0, 8);
    BpfObject object = ObjectReader.read("test.o", elf.build());
    assertThat(object.maps().getFirst().problem())
        .isEqualTo(
            "section maps, offset 0x0: map 'short' is a definition of 8 bytes, and 20 are needed");
    assertThat(object.programs().getFirst().problem()).isNull();
  }

  @Test
  void dataSectionsAreMapsWithTheirContents() throws ObjectException {
    ElfBuilder elf = new ElfBuilder();
    int data = elf.data(".data.hot", new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    elf.data(".rodata", new byte[] {9});
    elf.bss(".bss", 1L << 20);
    elf.bss(".bss.huge", 1L << 40);
    elf.data(".database", new byte[] {1});
    elf.symbol("y", GLOBAL_OBJECT, data, 4, 4);
    elf.symbol("x", GLOBAL_OBJECT, data, 0, 4);
    int y = btf.variable("y", number, 1);
    int x = btf.variable("x", number, 1);
    int datasec = btf.datasec(".data.hot", 0, y, 0, 4, x, 0, 4);
    BpfObject object = read(elf);
    List<MapSpec> maps = object.maps();
    assertThat(maps)
        .extracting(MapSpec::name)
        .containsExactly(".data.hot", ".rodata", ".bss", ".bss.huge");
    assertThat(maps.get(0).data()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(maps.get(0).valueBtf()).isEqualTo(datasec);
    assertThat(object.btf().type(datasec))
        .isEqualTo(
            new BtfType.Datasec(
                ".data.hot",
                8,
                List.of(new BtfType.Secinfo(x, 0, 4), new BtfType.Secinfo(y, 4, 4))));
    assertThat(maps.get(1).frozen()).isTrue();
    assertThat(maps.get(1).flags()).isEqualTo(MapSpec.F_RDONLY_PROG);
    assertThat(maps.get(2).data()).isNull();
    assertThat(maps.get(2).valueSize()).isEqualTo(1 << 20);
    assertThat(maps.get(3).problem()).contains("more than 2 GiB");
  }
}
