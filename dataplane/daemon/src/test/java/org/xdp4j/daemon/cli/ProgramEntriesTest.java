package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.object.Clang;

/** The command line puts programs into entries of maps, as a loader does in Linux. */
class ProgramEntriesTest {
  @TempDir private Path folder;
  private Path object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = Path.of(ProgramEntriesTest.class.getResource("entries.bpf.c").toURI());
    object = folder.resolve("entries.o");
    Clang.build(source, object, "-O2", "-g", "-mcpu=v3");
  }

  private Invocation replay(String program, String map, String... more) {
    List<String> words = new ArrayList<>(List.of("replay", "--program", object + ":" + program));
    words.addAll(List.of("--json", "--map", map));
    words.addAll(List.of(more));
    words.add("~/pcaps/dns.pcap");
    return Invocation.of(words.toArray(String[]::new));
  }

  @Test
  void aProgramArrayLeadsToAProgramByName() {
    Invocation back = replay("jumps", "jmp=1=back");
    assertThat(back.status()).as(back.err()).isZero();
    assertThat(back.out()).contains("\"XDP_TX\":36");
    Invocation other = replay("jumps", "jmp=0=back,2=leaves");
    assertThat(other.out()).contains("\"XDP_PASS\":36");
    Invocation old = replay("jumps", "jmp=1=old", "--as", "xdp");
    assertThat(old.out()).as(old.err()).contains("\"XDP_DROP\":36");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dm=7=3+leaving",
        "dm=7={ifindex: 3, bpf_prog: leaving}",
        "dm=7={3, {fd: leaving}}, 8={ifindex: 4, bpf_prog: leaving}",
        "dm=8=4,7=3+leaving"
      })
  void aDeviceMapHasAProgramWithItsEntry(String map) {
    Invocation left = replay("leaves", map);
    assertThat(left.status()).as(left.err()).isZero();
    assertThat(left.out()).contains("\"redirected\":{\"3\":36}").contains("36036");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          jumps  | jmp=1=leaving       | map 'jmp': entry '1=leaving': the map cannot hold program 'leaving': the program is
          jumps  | jmp=9=back          | map 'jmp': entry '9=back': the map cannot hold program 'back': the map has room for 4 entries (E2BIG)
          jumps  | jmp=1=nobody        | entries.o has no program 'nobody'; it has jumps
          jumps  | jmp=1=5             | map 'jmp': entry '1=5': a program array holds programs
          jumps  | jmp=x=back          | map 'jmp': entry 'x=back': its key is no number
          leaves | dm=7=3+back         | map 'dm': entry '7=3+back': the map cannot hold program 'back': the program is
          leaves | dm=7=wan+leaving    | map 'dm': entry '7=wan+leaving': 'wan' is no number
          """)
  void whatCannotBeIsSaidInOneSentence(String program, String map, String said) {
    Invocation refused = replay(program, map);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains(said).hasLineCount(1);
  }

  @Test
  void testRunTakesThemTooAndTellsWhatTheProgramSaid() {
    String frame = "00".repeat(60);
    Invocation back =
        Invocation.of("test-run", "--data", frame, "--map", "jmp=1=back", object + ":jumps");
    assertThat(back.status()).as(back.err()).isZero();
    assertThat(back.out()).contains("3, XDP_TX");
    Invocation says = Invocation.of("test-run", "--data", frame, object + ":says");
    assertThat(says.err()).contains("printk: a frame of 60 bytes").hasLineCount(1);
    assertThat(says.out()).contains("map said (RINGBUF): 1 record, 4 bytes").contains("0403 0201");
    Invocation json = Invocation.of("test-run", "--json", "--data", frame, object + ":says");
    assertThat(json.out()).contains("\"records\":1").contains("\"first\":[\"04030201\"]");
  }
}
