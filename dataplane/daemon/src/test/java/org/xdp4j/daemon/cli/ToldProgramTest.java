package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.btf.BtfBuilder;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.control.Daemon;

/** What a file tells a program of the kernel, and a device map written while it runs. */
class ToldProgramTest {
  private static final String FILE =
      """
      [port.in]
      type = "generator"
      frames = 10
      [port.out]
      type = "null"
      [program.told]
      object = "told.o"
      ports = "in"
      """;

  @TempDir private Path folder;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = Path.of(ToldProgramTest.class.getResource("told.bpf.c").toURI());
    Clang.build(source, folder.resolve("told.o"), "-O2", "-g", "-mcpu=v3");
  }

  private Daemon daemon(String kernel) throws Exception {
    Path file = Files.writeString(folder.resolve("daemon.toml"), FILE + kernel);
    return Daemon.start(folder, ConfigFile.read(file).plan());
  }

  @Test
  void configurationAndTypesOfAKernelReachTheProgram() throws Exception {
    Files.writeString(folder.resolve("kernel.config"), "CONFIG_HZ=731\n");
    BtfBuilder types = new BtfBuilder();
    int number = types.integer("int", 4, true);
    types.struct("place", 24, "other", number, 0, "wanted", number, 160);
    Files.write(folder.resolve("kernel.btf"), types.btf());
    try (Daemon daemon = daemon("kconfig = \"kernel.config\"\nbtf = \"kernel.btf\"\n")) {
      assertThat(daemon.awaitEnd()).isTrue();
      assertThat(Invocation.at(daemon, "map", "dump", "told").out()).isEqualTo("0: 731\n1: 20\n");
    }
    try (Daemon daemon = daemon("")) {
      assertThat(daemon.awaitEnd()).isTrue();
      assertThat(Invocation.at(daemon, "map", "dump", "told").out()).isEqualTo("0: 250\n1: 0\n");
    }
  }

  @Test
  void testRunTellsAProgramOfAKernelToo() throws Exception {
    Path config = Files.writeString(folder.resolve("kernel.config"), "CONFIG_HZ=x\n");
    Path object = folder.resolve("told.o");
    String[] words = {"test-run", "--data", "00".repeat(64), object.toString()};
    assertThat(Invocation.of(words).status()).isZero();
    String[] told = Arrays.copyOf(words, words.length + 2);
    told[words.length] = "--kconfig";
    told[words.length + 1] = config.toString();
    Invocation refused = Invocation.of(told);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err()).contains("CONFIG_HZ").hasLineCount(1);
  }

  @Test
  void deviceMapsTakePortsAloneByNameOrIndex() throws Exception {
    try (Daemon daemon = daemon("")) {
      Invocation.at(daemon, "map", "set", "ports", "1=in", "2=9")
          .refuses(
              1,
              "map 'ports': entry 2: there is no port with interface index 9; there are in (1), out"
                  + " (2) (nothing was changed)");
      Invocation.at(daemon, "map", "set", "ports", "1=lan")
          .refuses(
              1,
              "map 'ports': entry 1: there is no port 'lan'; there are in (1), out (2) (nothing was"
                  + " changed)");
      Invocation.at(daemon, "map", "set", "ports", "1=hex(09 00 00 00)")
          .refuses(
              1,
              "map 'ports': entry 1: there is no port with interface index 9; there are in (1), out"
                  + " (2) (nothing was changed)");
      assertThat(Invocation.at(daemon, "map", "dump", "ports").out())
          .isEqualTo("map ports is empty\n");
      assertThat(Invocation.at(daemon, "map", "set", "ports", "0=out", "1=1", "2=0x2", "3=2").err())
          .isEmpty();
      assertThat(Invocation.at(daemon, "map", "set", "ports", "3=0").err()).as("empties").isEmpty();
      assertThat(Invocation.at(daemon, "map", "dump", "ports").out())
          .isEqualTo("0: 2\n1: 1\n2: 2\n");
    }
  }
}
