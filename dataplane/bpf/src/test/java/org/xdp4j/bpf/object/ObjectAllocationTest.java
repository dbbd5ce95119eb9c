package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.btf.BtfBuilder;

/** Files forged to need much memory stay within the documented limit. */
class ObjectAllocationTest {
  private static final int FUNCTION = ElfBuilder.GLOBAL | ElfBuilder.FUNC;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Stream<Arguments> forgeries() {
    return Stream.of(
        Arguments.of("programs of one instruction", manyPrograms()),
        Arguments.of("programs that all fail", failingPrograms()),
        Arguments.of("a long function shared by many", sharedFunction()),
        Arguments.of("many names for one program", aliases()),
        Arguments.of("many small types", smallTypes()),
        Arguments.of("symbols whose names overlap", overlappingNames()),
        Arguments.of("relocations of long access", longAccess()),
        Arguments.of("a huge .bss", hugeBss()),
        Arguments.of("huge configuration", hugeConfiguration()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void theLimitHolds(String what, byte[] file) {
    read(file);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    read(file);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(ObjectReader.allocationLimit(file.length));
  }

  private static void read(byte[] file) {
    try {
      ObjectReader.read("forged.o", file);
    } catch (ObjectException e) {
      assertThat(e.getMessage()).contains("offset");
    }
  }

  private static byte[] manyPrograms() {
    ElfBuilder elf = new ElfBuilder();
    long[] code = new long[20_000];
    Arrays.fill(code, Samples.EXIT);
    int xdp = elf.code("xdp", code);
    for (int i = 0; i < code.length; i++) {
      elf.symbol("p", FUNCTION, xdp, 8L * i, 8);
    }
    return elf.build();
  }

  private static byte[] failingPrograms() {
    ElfBuilder elf = new ElfBuilder();
    long[] code = new long[10_000];
    Arrays.fill(code, Samples.CALL);
    int xdp = elf.code("xdp", code);
    int missing = elf.symbol("m".repeat(400), ElfBuilder.GLOBAL, 0, 0, 0);
    for (int i = 0; i < code.length; i++) {
      elf.symbol("p", FUNCTION, xdp, 8L * i, 8);
      elf.relocate(xdp, 8L * i, ElfBuilder.R_64_32, missing);
    }
    return elf.build();
  }

  private static byte[] sharedFunction() {
    ElfBuilder elf = new ElfBuilder();
    long[] body = new long[2000];
    Arrays.fill(body, Samples.EXIT);
    int text = elf.code(".text", body);
    int shared = elf.symbol("shared", FUNCTION, text, 0, 8L * body.length);
    long[] calls = new long[5000];
    Arrays.fill(calls, Samples.CALL);
    int xdp = elf.code("xdp", calls);
    for (int i = 0; i < calls.length; i++) {
      elf.symbol("p", FUNCTION, xdp, 8L * i, 8);
      elf.relocate(xdp, 8L * i, ElfBuilder.R_64_32, shared);
    }
    BtfBuilder btf = new BtfBuilder();
    btf.integer("int", 4, true);
    for (int i = 0; i < body.length; i++) {
      btf.lineAt(".text", 8 * i, "a.c", "x", i, 1);
    }
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    elf.section(".BTF.ext", ElfSection.PROGBITS, 0, btf.ext());
    return elf.build();
  }

  private static byte[] aliases() {
    ElfBuilder elf = new ElfBuilder();
    long[] code = new long[10_000];
    Arrays.fill(code, Samples.EXIT);
    int xdp = elf.code("xdp", code);
    for (int i = 0; i < 10_000; i++) {
      elf.symbol("p", FUNCTION, xdp, 0, 8L * code.length);
    }
    return elf.build();
  }

  private static byte[] smallTypes() {
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    for (int i = 0; i < 30_000; i++) {
      btf.prototype(number);
      btf.pointer(number);
      btf.struct("", 0);
    }
    ElfBuilder elf = Samples.pass();
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    return elf.build();
  }

  private static byte[] overlappingNames() {
    ElfBuilder elf = new ElfBuilder();
    int xdp = elf.code("xdp", Samples.EXIT);
    elf.symbol("n".repeat(100_000), FUNCTION, xdp, 0, 8);
    for (int i = 0; i < 20_000; i++) {
      elf.symbol("", FUNCTION, xdp, 0, 8);
    }
    byte[] file = elf.build();
    int symbols = elf.offsetOf(".symtab");
    for (int i = 0; i < 20_000; i++) {
      int at = symbols + 24 * (2 + i);
      file[at] = (byte) (i + 1);
      file[at + 1] = (byte) (i + 1 >> 8);
    }
    return file;
  }

  private static byte[] longAccess() {
    BtfBuilder btf = new BtfBuilder();
    int type = btf.integer("int", 4, true);
    for (int i = 0; i < 62; i++) {
      type = btf.array(type, 1);
    }
    long[] code = new long[20_000];
    Arrays.fill(code, Samples.mov(0, 0));
    String access = "0" + ":0".repeat(62);
    for (int i = 0; i < code.length; i++) {
      btf.relocationAt("xdp", 8 * i, type, access, 0);
    }
    ElfBuilder elf = new ElfBuilder();
    elf.symbol("p", FUNCTION, elf.code("xdp", code), 0, 8L * code.length);
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    elf.section(".BTF.ext", ElfSection.PROGBITS, 0, btf.ext());
    return elf.build();
  }

  private static byte[] hugeBss() {
    ElfBuilder elf = Samples.pass();
    elf.bss(".bss", Integer.MAX_VALUE);
    elf.bss(".bss.more", Long.MAX_VALUE);
    return elf.build();
  }

  private static byte[] hugeConfiguration() {
    BtfBuilder btf = new BtfBuilder();
    int number = btf.integer("int", 4, true);
    btf.datasec(".kconfig", 0, btf.variable("CONFIG_X", number, 2), 0, -1);
    ElfBuilder elf = Samples.pass();
    elf.section(".BTF", ElfSection.PROGBITS, 0, btf.btf());
    return elf.build();
  }
}
