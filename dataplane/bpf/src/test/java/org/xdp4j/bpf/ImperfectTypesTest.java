package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.oracle.BpfTool;

/**
 * Types are optional: what compilers write into them, or leave out, keeps no object from loading
 * whose programs need none, here as in Linux.
 */
class ImperfectTypesTest {
  private static final String PLAIN = "plain.bpf.c";
  private static final String MEMBERS = "members.bpf.cc";
  private static final int EXT_HEADER = 32;

  @TempDir private Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private static void loads(BpfObject object) throws LoadException {
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded = LoadedObject.load(object, region, LoadOptions.defaults())) {
      assertThat(loaded.programs()).hasSize(1);
    }
  }

  private void loadsInLinux(Path file, boolean expected) throws Exception {
    if (BpfTool.isThere()) {
      assertThat(BpfTool.loads(file)).as("%s in Linux", file).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "plain.bpf.c, -g1, 'type [0-9]+ refers to type [0-9]+, which there is not'",
    "members.bpf.cc, -g, 'type [0-9]+ has a member of type void'"
  })
  void whatCompilersWriteWrongIsNotUsed(String source, String debug, String reason)
      throws Exception {
    BpfObject object = Clang.build(folder, source, "-O2", debug);
    assertThat(object.untyped()).matches(reason);
    assertThat(object.ignored()).isNull();
    loads(object);
    loadsInLinux(Clang.objectFile(folder, source, "-O2", debug), true);
  }

  @Test
  void sourceLinesStayWhereTypesMeanNothing() throws Exception {
    BpfObject object = Clang.build(folder, PLAIN, "-O2", "-g1");
    assertThat(object.programs().getFirst().lines())
        .anySatisfy(line -> assertThat(line.text()).contains("ctx->data_end - ctx->data"));
  }

  @Test
  void structsWithMemberFunctionsArePrintedWithoutThese() throws Exception {
    BpfObject object = Clang.build(folder, MEMBERS, "-O2", "-g");
    MapSpec map = object.map("lengths").orElseThrow();
    assertThat(map.valueSize()).isEqualTo(12);
    byte[] value = {3, 0, 0, 0, 60, 0, 0, 0, 90, 0, 0, 0};
    assertThat(BtfPrinter.json(object.btf(), map.valueBtf(), value))
        .isEqualTo("{\"frames\": 3, \"least\": {\"octets\": 60}, \"most\": {\"octets\": 90}}");
  }

  @ParameterizedTest
  @CsvSource({"-gz=zlib", "-gz=zstd"})
  void compressedDebugInformationIsNotLookedAt(String compression) throws Exception {
    BpfObject object = Clang.build(folder, PLAIN, "-O2", "-g", compression);
    assertThat(object.untyped()).isNull();
    loads(object);
    loadsInLinux(Clang.objectFile(folder, PLAIN, "-O2", "-g", compression), true);
  }

  /** Where {@code at} counts from the section's beginning. */
  @ParameterizedTest
  @CsvSource({
    "magic, 0, 1",
    "version, 2, 0x180009",
    "types longer than the section, 12, 0x7fffffff",
    "strings longer than the section, 20, 0x7fffffff",
    "an unknown kind, 28, 0x1e000000"
  })
  void spoiledTypesKeepNoObjectFromLoading(String what, int at, String word) throws Exception {
    for (String maps : new String[] {"-DNONE", "-DMAPS"}) {
      Path file = spoiled(maps, 24, at, Integer.decode(word));
      boolean needed = maps.equals("-DMAPS") && !what.equals("version");
      if (needed) {
        assertThatThrownBy(() -> ObjectReader.read(file))
            .as("%s of %s", what, maps)
            .isInstanceOf(ObjectException.class)
            .hasMessageContaining("section .BTF, offset 0x");
      } else {
        BpfObject object = ObjectReader.read(file);
        assertThat(object.untyped()).as("%s of %s", what, maps).isNotNull();
        loads(object);
      }
      loadsInLinux(file, !needed);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "magic, 0, 1",
    "version, 2, 0x200009",
    "header longer than the section, 4, 0x10000",
    "records longer than the section, 12, 0x10000",
    "records of no size, 32, 0"
  })
  void spoiledNotesOnInstructionsAreIgnored(String what, int at, String word) throws Exception {
    Path file = spoiled("-DNONE", EXT_HEADER, at, Integer.decode(word));
    BpfObject object = ObjectReader.read(file);
    assertThat(object.ignored()).as(what).startsWith("section .BTF.ext, offset 0x");
    assertThat(object.untyped()).isNull();
    assertThat(object.programs().getFirst().lines()).isEmpty();
    loads(object);
    loadsInLinux(file, true);
    Path needing = spoiled("-DMAPS", EXT_HEADER, at, Integer.decode(word));
    assertThatThrownBy(() -> ObjectReader.read(needing))
        .as(what)
        .isInstanceOf(ObjectException.class)
        .hasMessageContaining("section .BTF.ext, offset 0x");
    loadsInLinux(needing, false);
  }

  /** An object with a word changed in the section whose header has this many bytes. */
  private Path spoiled(String maps, int header, int at, int word) throws Exception {
    String[] options = {"-O2", "-g", maps};
    Clang.build(folder, PLAIN, options);
    byte[] bytes = Files.readAllBytes(Clang.objectFile(folder, PLAIN, options));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int section = 0;
    while (file.getInt(section) != 0x1eb9f || file.getInt(section + 4) != header) {
      section++;
    }
    file.putInt(section + at, word);
    return Files.write(folder.resolve("spoiled.o"), bytes);
  }
}
