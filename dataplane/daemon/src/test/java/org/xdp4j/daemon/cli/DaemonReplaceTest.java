package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.control.Daemon;

/** Functions of a daemon's programs in whose place programs of other objects stand. */
class DaemonReplaceTest {
  private static final String FILE =
      """
      [port.in]
      type = "generator"
      frames = 10
      [program.p]
      object = "whole.o"
      ports = "in"
      [program.p.replace]
      """;

  @TempDir private Path folder;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    build("replaced.bpf.c", "whole.o", "-DNAME=whole");
    build("replacing.bpf.c", "drops.o", "-DNAME=drops", "-DFUNCTION=\"two\"", "-DACTION=XDP_DROP");
  }

  private void build(String source, String object, String... names) throws Exception {
    String[] options = new String[3 + names.length];
    System.arraycopy(new String[] {"-O2", "-g", "-mcpu=v3"}, 0, options, 0, 3);
    System.arraycopy(names, 0, options, 3, names.length);
    Path file = Path.of(DaemonReplaceTest.class.getResource(source).toURI());
    Clang.build(file, folder.resolve(object), options);
  }

  private Daemon daemon(String replace) throws Exception {
    Path file = Files.writeString(folder.resolve("daemon.toml"), FILE + replace);
    return Daemon.start(folder, ConfigFile.read(file).plan());
  }

  @Test
  void theFileSaysWhichFunctionIsReplacedByWhat() throws Exception {
    for (String replace :
        new String[] {"two = \"drops.o\"\n", "\"whole:one\" = \"drops.o:drops\"\n"}) {
      try (Daemon daemon = daemon(replace)) {
        assertThat(daemon.awaitEnd()).isTrue();
        Invocation ran = Invocation.of("map", "dump", ".bss", "--socket", daemon.socket());
        assertThat(ran.out()).as(ran.err()).contains("10");
        Invocation drops = Invocation.of("show", "drops", "--socket", daemon.socket());
        assertThat(drops.out()).containsPattern("xdp-drop +10");
      }
    }
  }

  @Test
  void whatCannotBeIsSaidInOneSentence() {
    assertThatThrownBy(() -> daemon("three = \"drops.o\"\n"))
        .hasMessageContaining("no program has function three, which is to be replaced");
    assertThatThrownBy(() -> daemon("two = \"whole.o\"\n"))
        .hasMessageContaining("no program that replaces a function; it has whole");
    Path file = folder.resolve("daemon.toml");
    assertThatThrownBy(() -> daemon("two = \"nowhere.o\"\n")).hasMessageContaining("nowhere.o");
    assertThat(file).exists();
  }
}
