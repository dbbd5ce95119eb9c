package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;

/** Objects of one replay share the maps that they ask libbpf to pin by name, as in Linux. */
class PinnedReplayTest {
  @TempDir private Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private String build(String name, int add, int entries) throws Exception {
    Path source = Path.of(PinnedReplayTest.class.getResource("pinned.bpf.c").toURI());
    Path object = folder.resolve(name + entries + ".o");
    String[] options = {
      "-O2", "-g", "-mcpu=v3", "-DNAME=" + name, "-DADD=" + add, "-DENTRIES=" + entries
    };
    Clang.build(source, object, options);
    return object.toString();
  }

  private static Invocation replay(String one, String other, String... more) {
    String[] words = {"replay", "--program", one, "--program", other, "~/pcaps/dns.pcap"};
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Invocation.of(all);
  }

  @Test
  void oneMapIsAddedToByBoth() throws Exception {
    Invocation both = replay(build("one", 1, 2), build("two", 10, 2));
    assertThat(both.status()).as(both.err()).isZero();
    assertThat(both.out()).contains("0: 396").doesNotContain("0: 36\n").doesNotContain("0: 360");
  }

  @Test
  void anotherShapeIsRefused() throws Exception {
    Invocation differing = replay(build("one", 1, 2), build("two", 10, 3));
    assertThat(differing.status()).isEqualTo(1);
    assertThat(differing.err())
        .contains("map 'shared' is not the one pinned under this name: max_entries 3 here, 2 there")
        .hasLineCount(1);
  }
}
