package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.control.Daemon;

/** What is shown of a map of each type, by its types, while a daemon runs and after a replay. */
class MapTypesTest {
  private static final String FILE =
      """
      [port.in]
      type = "generator"
      frames = 10
      [port.out]
      type = "null"
      [program.fill]
      object = "dumped.o"
      ports = "in"
      """;

  private static final String COUNTED =
      "packets  9223372036854775808\n  balance  -5\n  verdict  DENY\n  low      5";

  @TempDir private Path folder;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = folder.resolve("dumped.bpf.c");
    try (InputStream text = Clang.class.getResourceAsStream("dumped.bpf.c")) {
      Files.copy(text, source);
    }
    Clang.build(source, folder.resolve("dumped.o"), "-O2", "-g", "-mcpu=v3");
  }

  @Test
  void aRunningDaemonShowsMapsOfEachType() throws Exception {
    Path file = Files.writeString(folder.resolve("daemon.toml"), FILE);
    SoftAssertions all = new SoftAssertions();
    try (Daemon daemon = Daemon.start(folder, ConfigFile.read(file).plan())) {
      assertThat(daemon.awaitEnd()).isTrue();
      for (String device : new String[] {"dev", "dev_hash"}) {
        assertThat(map(daemon, "set", device, "2=out")).isEmpty();
      }
      all.assertThat(map(daemon, "dump", "hash"))
          .startsWith(
              "{\"from\": 1, \"port\": 2, \"mac\": [1, 2, 3, 4, 5, 255], \"name\": \"eth0\"")
          .contains(COUNTED);
      all.assertThat(map(daemon, "dump", "lru")).startsWith("1:\n").contains(COUNTED);
      all.assertThat(map(daemon, "dump", "percpu_hash")).contains("on CPU 0", COUNTED);
      all.assertThat(map(daemon, "dump", "lru_percpu")).startsWith("-1").contains("\"x\": 16");
      all.assertThat(map(daemon, "dump", "array")).contains("1:\n", COUNTED);
      all.assertThat(map(daemon, "dump", "percpu")).contains("{\"x\": 16, \"y\": -2}");
      all.assertThat(map(daemon, "dump", "lpm")).contains("/16: {\"x\": 16, \"y\": -2}");
      all.assertThat(map(daemon, "dump", "queue"))
          .isEqualTo(
              "#0: {\"x\": 16, \"y\": -2}\n#1: {\"x\": 99, \"y\": -2}\n"
                  + "#2: {\"x\": 16, \"y\": -2}\n#3: {\"x\": 99, \"y\": -2}\n");
      all.assertThat(map(daemon, "dump", "stack")).hasLineCount(4).contains("\"x\": 99");
      all.assertThat(map(daemon, "dump", "bloom"))
          .matches(
              "map bloom is a bloom filter: it can be asked, but not listed; [1-5] of 64 bits"
                  + " set\n");
      all.assertThat(map(daemon, "dump", "ring"))
          .isEqualTo(
              "map ring holds records for readers, no entries (xdp4j events shows them);"
                  + " 0 of 4,096 bytes not read yet\n");
      all.assertThat(map(daemon, "dump", "events"))
          .matches("map events holds records for readers.*; \\d of 2 buffers open\n");
      all.assertThat(map(daemon, "dump", "maps"))
          .isEqualTo("1: map inner (ARRAY) {0: {\"x\": 0, \"y\": 0}, 1: {\"x\": 16, \"y\": -2}}\n");
      all.assertThat(map(daemon, "dump", "maps_hash")).startsWith("1: map inner (ARRAY) {");
      all.assertThat(map(daemon, "dump", "dev")).contains("2: {\"ifindex\": ", "\"bpf_prog\"");
      all.assertThat(map(daemon, "dump", "dev_hash")).matches("2: \\d+\n");
      for (String empty : new String[] {"programs", "xsk", "cpu"}) {
        all.assertThat(map(daemon, "dump", empty)).isEqualTo("map " + empty + " is empty\n");
      }
      all.assertThat(map(daemon, "dump", ".data")).contains("start", "{\"x\": -7, \"y\": 8}");
      all.assertThat(map(daemon, "dump", ".rodata")).contains("limits", "\"packets\":9");
    }
    all.assertAll();
  }

  private static String map(Daemon daemon, String... arguments) {
    String[] words = new String[arguments.length + 3];
    words[0] = "map";
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    words[arguments.length + 1] = "--socket";
    words[arguments.length + 2] = daemon.socket();
    Invocation answer = Invocation.of(words);
    assertThat(answer.err()).isEmpty();
    return answer.out();
  }

  @Test
  void aReplayShowsMapsOfEachType() {
    Invocation replay =
        Invocation.of(
            "replay",
            "--program",
            folder.resolve("dumped.o").toString(),
            Invocation.ROOT.resolve("pcaps/dns.pcap").toString());
    assertThat(replay.out())
        .contains(
            "map hash (HASH): 1 entry\n",
            "map lpm (LPM_TRIE): 1 entry\n",
            "map programs (PROG_ARRAY): empty\n",
            "map events (PERF_EVENT_ARRAY): 0 records, 0 bytes\n",
            "map dev (DEVMAP): empty\n",
            "map queue (QUEUE): 4 entries\n  #0: {\"x\": 16, \"y\": -2}\n",
            "map ring (RINGBUF): 0 records, 0 bytes\n",
            "map bloom (BLOOM_FILTER): a set, which can be asked but not listed, ",
            "map maps (ARRAY_OF_MAPS): 1 entry\n  1: map inner (ARRAY): 2 entries {1: {\"x\": 16",
            "map .data (ARRAY): 1 entry\n");
  }
}
