package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.control.Daemon;

/** Programs in entries of maps of a daemon: by its file, and while it runs. */
class DaemonEntriesTest {
  private static final String FILE =
      """
      [port.in]
      type = "generator"
      frames = 10
      [port.out]
      type = "null"
      [program.both]
      object = "entries.o"
      programs = ["jumps", "leaves"]
      ports = "in"
      as = "xdp"
      [program.both.maps]
      jmp = "1=old,2=back"
      dm = "7={ifindex: out, bpf_prog: leaving}"
      """;

  @TempDir private Path folder;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = Path.of(DaemonEntriesTest.class.getResource("entries.bpf.c").toURI());
    Clang.build(source, folder.resolve("entries.o"), "-O2", "-g", "-mcpu=v3");
  }

  @Test
  void theyArePutByTheFileAndReplacedWhileItRuns() throws Exception {
    Path file = Files.writeString(folder.resolve("daemon.toml"), FILE);
    try (Daemon daemon = Daemon.start(folder, ConfigFile.read(file).plan())) {
      assertThat(daemon.awaitEnd()).isTrue();
      assertThat(Invocation.at(daemon, "map", "dump", "jmp").out())
          .contains("1: program old")
          .contains("2: program back");
      assertThat(Invocation.at(daemon, "map", "get", "dm", "7").out()).contains("2");

      assertThat(Invocation.at(daemon, "map", "set", "jmp", "1=back", "3=leaves").err()).isEmpty();
      assertThat(Invocation.at(daemon, "map", "dump", "jmp").out())
          .contains("1: program back")
          .contains("2: program back")
          .contains("3: program leaves");
      assertThat(Invocation.at(daemon, "map", "set", "dm", "8=in+leaving").err()).isEmpty();
      assertThat(Invocation.at(daemon, "map", "get", "dm", "8").status()).isZero();

      Invocation nobody = Invocation.at(daemon, "map", "set", "jmp", "1=nobody");
      assertThat(nobody.status()).isNotZero();
      assertThat(nobody.err()).contains("no program named nobody").hasLineCount(1);
      Invocation wrong = Invocation.at(daemon, "map", "set", "dm", "8=in+back");
      assertThat(wrong.err()).contains("the map cannot hold program 'back'").hasLineCount(1);
      assertThat(Invocation.at(daemon, "map", "dump", "jmp").out()).contains("1: program back");
    }
  }

  @Test
  void aProgramOfAnOldSectionTakesTheKeyThatSaysSo() throws Exception {
    Path file = folder.resolve("daemon.toml");
    Files.writeString(
        file, FILE.replace("as = \"xdp\"\n", "").replace("\"leaves\"", "\"leaves\", \"old\""));
    Invocation check = Invocation.of("check", file.toString());
    assertThat(check.status()).isNotZero();
    assertThat(check.out() + check.err()).contains("program 'old' is not for XDP");
  }
}
