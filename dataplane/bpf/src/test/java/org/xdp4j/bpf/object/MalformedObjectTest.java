package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is not an object file is refused, in one sentence that says where and why. */
class MalformedObjectTest {
  private static final String ELF = "bad.o: ELF headers, offset ";

  /** A change to a good file, by its builder (for places) and its bytes. */
  private interface Spoil extends BiConsumer<ElfBuilder, ByteBuffer> {}

  private static Arguments bad(String what, String message, Spoil spoil) {
    return Arguments.of(what, message, spoil);
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        bad("no ELF", ELF + "0x0: this is not an ELF file", (e, b) -> b.put(1, (byte) 'A')),
        bad("32 bits", ELF + "0x4: this is not a 64-bit ELF file", (e, b) -> b.put(4, (byte) 1)),
        bad(
            "big-endian",
            ELF + "0x5: this is a big-endian ELF file, only little-endian ones can be read",
            (e, b) -> b.put(5, (byte) 2)),
        bad("x86", ELF + "0x12: machine 62 is not BPF (247)", (e, b) -> b.putShort(18, (short) 62)),
        bad("executable", ELF + "0x10: this is not a relocatable file, type 2", put16(16, 2)),
        bad("version", ELF + "0x6: the ELF version is not 1", (e, b) -> b.put(6, (byte) 2)),
        bad(
            "section headers outside",
            "0x28: the section header table at 0x7fffffffffffffff is outside",
            (e, b) -> b.putLong(40, Long.MAX_VALUE)),
        bad("section header size", "0x3a: section headers of 40 bytes are unknown", put16(58, 40)),
        bad("too many sections", "0x3c: 65535 section headers", put16(60, 65535)),
        bad("no names", "0x3e: there is no section 99 to hold the names", put16(62, 99)),
        bad(
            "names no strings",
            "0x3e: section 1, to hold the names, holds no strings",
            put16(62, 1)));
  }

  static Stream<Arguments> sections() {
    return Stream.of(
        bad(
            "outside",
            "section xdp at 0x7000000000000000",
            (e, b) -> b.putLong(head(e, "xdp") + 24, 7L << 60)),
        bad(
            "huge",
            "section xdp at 0x40, 0x4000000000000000 bytes long, ends behind the file",
            (e, b) -> b.putLong(head(e, "xdp") + 32, 1L << 62)),
        bad(
            "negative",
            "section xdp has an impossible size",
            (e, b) -> b.putLong(head(e, "xdp") + 32, -8)),
        bad(
            "name outside",
            "section 1 has a name outside of the names",
            (e, b) -> b.putInt(head(e, "xdp"), 1 << 20)),
        bad(
            "overlap",
            "sections .symtab and license overlap",
            (e, b) -> b.putLong(head(e, "license") + 24, e.offsetOf(".symtab") + 8)),
        bad(
            "over the header",
            "0x8: section license overlaps the headers",
            (e, b) -> b.putLong(head(e, "license") + 24, 8)),
        bad(
            "half an instruction",
            "bad.o: section xdp, offset 0x8: the last instruction is cut off",
            (e, b) -> b.putLong(head(e, "xdp") + 32, 12).putLong(e.offsetOf(".symtab") + 40, 8)));
  }

  static Stream<Arguments> symbols() {
    return Stream.of(
        bad(
            "none",
            "bad.o: section .symtab, offset 0x0: there is no symbol table",
            (e, b) -> b.putInt(head(e, ".symtab") + 4, 1)),
        bad(
            "cut off",
            "section .symtab, offset 0x2f: the last symbol is cut off",
            (e, b) -> b.putLong(head(e, ".symtab") + 32, 47)),
        bad(
            "names",
            "section .symtab, offset 0x0: section 1 holds no names for it",
            (e, b) -> b.putInt(head(e, ".symtab") + 40, 1)),
        bad(
            "name",
            "section .symtab, offset 0x18: a symbol has a name outside",
            (e, b) -> b.putInt(e.offsetOf(".symtab") + 24, 1 << 20)),
        bad(
            "section",
            "symbol 'pass' is in section 77, which there is not",
            (e, b) -> b.putShort(e.offsetOf(".symtab") + 30, (short) 77)),
        bad(
            "too long",
            "symbol 'pass' at 0x0, 0x18 bytes long, is outside of section xdp",
            (e, b) -> b.putLong(e.offsetOf(".symtab") + 40, 24)),
        bad(
            "within",
            "section xdp, offset 0x4: function 'pass' begins or ends within",
            (e, b) ->
                b.putLong(e.offsetOf(".symtab") + 32, 4).putLong(e.offsetOf(".symtab") + 40, 8)));
  }

  static Stream<Arguments> relocations() {
    return Stream.of(
        bad(
            "outside",
            "section .relxdp, offset 0x0: it patches offset 0x100 of section xdp",
            (e, b) -> b.putLong(e.offsetOf(".relxdp"), 256)),
        bad(
            "symbol",
            "section .relxdp, offset 0x0: there is no symbol 4095",
            (e, b) -> b.putInt(e.offsetOf(".relxdp") + 12, 4095)),
        bad(
            "within",
            "section xdp, offset 0x4: a relocation within an instruction",
            (e, b) -> b.putLong(e.offsetOf(".relxdp"), 4)),
        bad(
            "twice",
            "section xdp, offset 0x10: a second relocation of one instruction",
            (e, b) -> b.putLong(e.offsetOf(".relxdp"), 16)),
        bad(
            "cut off",
            "section .relxdp, offset 0x48: the last relocation is cut off",
            (e, b) -> b.putLong(head(e, ".relxdp") + 32, 72)),
        bad(
            "of nothing",
            "section .relxdp, offset 0x0: it patches section 99",
            (e, b) -> b.putInt(head(e, ".relxdp") + 44, 99)),
        bad(
            "table",
            "section .relxdp, offset 0x0: section 2 is not the symbol table",
            (e, b) -> b.putInt(head(e, ".relxdp") + 40, 2)));
  }

  static Stream<Arguments> types() {
    return Stream.of(
        bad(
            "magic",
            "bad.o: section .BTF, offset 0x0: magic number 0x",
            (e, b) -> b.putShort(e.offsetOf(".BTF"), (short) 1)),
        bad(
            "big-endian",
            "section .BTF, offset 0x0: it is big-endian",
            (e, b) -> b.putShort(e.offsetOf(".BTF"), (short) 0x9feb)),
        bad(
            "strings",
            "section .BTF, offset 0x10: strings at ",
            (e, b) -> b.putInt(e.offsetOf(".BTF") + 20, -1)),
        bad(
            "ext",
            "section .BTF.ext, offset 0x4: header length 3 is wrong",
            (e, b) -> b.putInt(e.offsetOf(".BTF.ext") + 4, 3)),
        bad(
            "line elsewhere",
            ".BTF.ext speaks of an instruction there",
            (e, b) -> b.putInt(e.offsetOf(".BTF.ext") + 32 + 4 + 8, 4096)));
  }

  private static Spoil put16(int at, int value) {
    return (elf, bytes) -> bytes.putShort(at, (short) value);
  }

  private static int head(ElfBuilder elf, String section) {
    return elf.headerOf(elf.numberOf(section));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"headers", "sections", "symbols"})
  void aFileThatIsNoneIsRefused(String what, String message, Spoil spoil) {
    refuses(Samples.pass(), message, spoil);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"relocations", "types"})
  void aFileThatLiesIsRefused(String what, String message, Spoil spoil) {
    refuses(Samples.everything(), message, spoil);
  }

  private static void refuses(ElfBuilder elf, String message, Spoil spoil) {
    byte[] bytes = elf.build();
    spoil.accept(elf, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    assertThatThrownBy(() -> ObjectReader.read("bad.o", bytes))
        .isInstanceOf(ObjectException.class)
        .hasMessageContaining(message)
        .hasMessageStartingWith("bad.o: ")
        .hasMessageContaining("offset 0x");
  }

  @Test
  void theMachineOfOldCompilersIsTaken() throws ObjectException {
    byte[] bytes = Samples.pass().build();
    bytes[18] = 0;
    assertThat(ObjectReader.read("old.o", bytes).programs()).hasSize(1);
  }

  /** libelf does not look at the second place where the version stands. */
  @Test
  void aFileWithoutVersionIsTaken() throws ObjectException {
    byte[] bytes = Samples.pass().build();
    bytes[20] = 0;
    assertThat(ObjectReader.read("old.o", bytes).programs()).hasSize(1);
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] bytes = Samples.everything().build();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> ObjectReader.read("cut.o", cut))
          .as("%d bytes", length)
          .isInstanceOf(ObjectException.class);
    }
  }

  @Test
  void overlappingFunctionsAreRefused() {
    ElfBuilder elf = Samples.pass();
    elf.symbol("other", ElfBuilder.GLOBAL | ElfBuilder.FUNC, 1, 8, 8);
    assertThatThrownBy(() -> ObjectReader.read("bad.o", elf.build()))
        .hasMessage("bad.o: section xdp, offset 0x8: functions 'pass' and 'other' overlap");
  }

  @Test
  void aFileTooLargeOrMissingOrADirectoryIsRefused(@TempDir Path folder) throws Exception {
    assertThatThrownBy(() -> ObjectReader.read("big.o", new byte[ObjectReader.MAX_FILE_SIZE + 1]))
        .hasMessage("big.o: ELF headers, offset 0x0: the file is larger than 64 MiB");
    assertThatThrownBy(() -> ObjectReader.read(folder.resolve("none.o")))
        .hasMessageEndingWith("none.o: there is no such file");
    assertThatThrownBy(() -> ObjectReader.read(Files.createDirectory(folder.resolve("dir.o"))))
        .isInstanceOf(ObjectException.class)
        .hasMessageContaining("dir.o: it cannot be read");
  }

  @Test
  void namesCannotReachTheTerminalRaw() {
    ElfBuilder elf = Samples.pass();
    elf.symbol("x\u001b[2J\n", ElfBuilder.GLOBAL | ElfBuilder.FUNC, 1, 8, 8);
    assertThatThrownBy(() -> ObjectReader.read("bad.o", elf.build()))
        .hasMessageContaining("'x?[2J?'");
  }
}
