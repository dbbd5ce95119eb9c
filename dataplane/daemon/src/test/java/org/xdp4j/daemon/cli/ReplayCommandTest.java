package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
  private static final String FIREWALL = "~/filters/firewall.bpf.o";
  private static final String DATA = "00".repeat(64);
  private static final String ROUTER = "~/filters/router.bpf.o";
  private static final String HTTP = "~/pcaps/http.pcap";

  @TempDir private Path directory;

  @Test
  void countsTheZeroEntriesOfALargeArrayAndShowsTheOthers() {
    String object = Invocation.ROOT.resolve("filters/l4_balancer.bpf.o").toString();
    String capture = Invocation.ROOT.resolve("pcaps/dns.pcap").toString();
    Invocation replay =
        Invocation.of("replay", "--program", object, "--map", "rings=5=7,262143=9", capture);
    assertThat(replay.err()).isEmpty();
    assertThat(replay.out())
        .contains("map rings (ARRAY): 262,144 entries, 262,142 zero")
        .contains("\n  5: 7\n  262143: 9\n");
  }

  @Test
  void showsActionsTheBalanceAndWhatMapsHold() {
    Invocation replay = Invocation.of("replay", "--program", FIREWALL, "~/pcaps/mixed.pcapng");
    assertThat(replay.status()).isZero();
    assertThat(replay.err()).isEmpty();
    assertThat(replay.out())
        .contains("frames   1,339")
        .containsPattern("XDP_DROP +52 +3.9 %")
        .contains("1,339 received = 1,287 passed + 0 transmitted + 52 dropped")
        .containsPattern("dropped_closed_udp_port +\\{\"frames\": 46, \"bytes\": 34930\\}")
        .contains("map ports (HASH): empty");
  }

  @Test
  void severalProgramsRunInAChain() {
    Invocation replay =
        Invocation.of(
            "replay",
            "--program",
            "~/filters/protocol_counter.bpf.o",
            "--program",
            FIREWALL,
            "--program",
            "~/filters/drop.bpf.o",
            "--run-config",
            "firewall=10",
            "--run-config",
            "drop=60,none",
            "--map",
            "ports={protocol: 6, number: 22}={action: XDP_DROP}",
            "~/pcaps/mixed.pcapng");
    assertThat(replay.err()).isEmpty();
    assertThat(replay.status()).isZero();
    assertThat(replay.out())
        .startsWith("chain of 3 programs\n")
        .containsPattern("firewall +10 +XDP_PASS +1,339 +0 +104 +1,235 +0 +0\n")
        .containsPattern("protocol_counter +50 +XDP_PASS +1,235 +0 +0 +1,235 +0 +0\n")
        .containsPattern("drop +60 +nothing +1,235 +0 +1,235 +0 +0 +0\n")
        .contains("1,339 received = 0 passed + 0 transmitted + 1,339 dropped")
        .containsPattern("dropped_by_port +\\{\"frames\": 52,");
    Invocation json =
        Invocation.of(
            "replay", "-p", FIREWALL, "-p", "~/filters/pass.bpf.o", "--json", "~/pcaps/http.pcap");
    assertThat(json.out())
        .contains(
            "\"chain\":[{\"program\":\"firewall\",\"priority\":50,\"chainCallActions\":[\"XDP_PASS\"]");
  }

  @Test
  void whatIsAmbiguousInAChainIsASentence() {
    assertThat(
            Invocation.of("replay", "-p", FIREWALL, "-p", ROUTER, "--map", "decisions=1", HTTP)
                .err())
        .contains(
            "several programs have 'decisions', write firewall:decisions or router:decisions");
    assertThat(Invocation.of("replay", "-p", FIREWALL, "--run-config", "x=1", HTTP).err())
        .contains("--run-config x=1: no program x is run");
    assertThat(Invocation.of("replay", "-p", FIREWALL, "--run-config", "firewall=TX", HTTP).err())
        .contains("--run-config firewall=TX: 'TX' is neither a priority nor one of XDP_ABORTED");
  }

  @Test
  void eventsAreWrittenWithTheirFields() throws IOException {
    Path events = directory.resolve("events.json");
    Invocation replay =
        Invocation.of(
            "replay",
            "-p",
            "~/filters/sampler.bpf.o",
            "--map",
            "one_in=4",
            "--events",
            events.toString(),
            "--event-type",
            "samples=struct sample",
            "~/pcaps/dns.pcap");
    assertThat(replay.err()).isEmpty();
    List<String> lines = Files.readAllLines(events);
    assertThat(replay.out()).contains("map samples (RINGBUF): " + lines.size() + " records");
    assertThat(lines)
        .isNotEmpty()
        .allMatch(
            line -> line.startsWith("{\"event\":\"ringbuf\",\"map\":\"samples\",\"size\":120,"))
        .allMatch(line -> line.contains("\"value\":{\"time_ns\": "));
  }

  /** The buffer is far too small: what finds room depends on when it is read. */
  @Test
  void theSameRecordsFindNoRoomInEveryReplay() throws IOException {
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path events = directory.resolve("events." + i);
      Invocation replay =
          Invocation.of(
              "replay",
              "-p",
              "~/filters/sampler.bpf.o",
              "--map",
              "one_in=1",
              "--max-entries",
              "samples=4096",
              "--repeat",
              "20",
              "--events",
              events.toString(),
              "~/pcaps/http.pcap");
      assertThat(replay.err()).isEmpty();
      told.add(Files.readString(events));
    }
    assertThat(told.getFirst()).contains("\"event\":\"lost\"");
    assertThat(told).containsOnly(told.getFirst());
  }

  @Test
  void aLoaderSaysHowManyEntriesMapsHave() {
    String dns = "~/pcaps/dns.pcap";
    String ports = "ports={protocol: 6, number: 22}={action: XDP_DROP}";
    String more = "ports={protocol: 6, number: 23}={action: XDP_DROP}";
    String[] replay = {"replay", "-p", FIREWALL, "--map", ports, "--map", more, dns};
    assertThat(Invocation.of(replay).out()).contains("map ports (HASH): 2 entries");
    String[] small = Arrays.copyOf(replay, replay.length + 2);
    small[replay.length] = "--max-entries";
    small[replay.length + 1] = "ports=1";
    assertThat(Invocation.of(small).err()).contains("outside of the map's 1 entries, or all");
    Invocation none =
        Invocation.of("test-run", "--max-entries", "ports=0", "--data", DATA, FIREWALL);
    assertThat(none.err()).contains("map 'ports' has max_entries 0 (EINVAL)");
    assertThat(none.status()).isEqualTo(1);
    assertThat(Invocation.of("verify", "--max-entries", "ports=0", FIREWALL).out())
        .contains("refused", "map 'ports' has max_entries 0 (EINVAL)");
    assertThat(Invocation.of("verify", "--max-entries", "harbours=9", FIREWALL).err())
        .contains("--max-entries harbours: ", "firewall.bpf.o has no such map");
    Invocation.of("verify", "--max-entries", "ports=many", FIREWALL)
        .refuses(2, "--max-entries ports=many: many is not a number of 32 bits");
    Invocation.of("verify", "--max-entries", "ports", FIREWALL)
        .refuses(2, "--max-entries is MAP=N, not ports");
  }

  @Test
  void aTestRunsMapsMayTakeNoMoreThanIsSaid() {
    Invocation refused = Invocation.of("test-run", "--map-memory", "4K", "--data", DATA, FIREWALL);
    assertThat(refused.err()).contains("does not fit: of 4 KiB that maps may take together");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(Invocation.of("test-run", "--map-memory", "1G", "--data", DATA, FIREWALL).status())
        .isZero();
    Invocation.of("test-run", "--map-memory", "much", "--data", DATA, FIREWALL)
        .refuses(2, "--map-memory is a number of bytes such as 65536, 64K, 512M or 2G, not 'much'");
  }

  @Test
  void mapsThatNeedMoreThanTheyMayTakeAreRefused() {
    String firewall = "~/filters/firewall.bpf.o";
    String dns = "~/pcaps/dns.pcap";
    Invocation refused = Invocation.of("replay", "-p", firewall, "--map-memory", "4K", dns);
    assertThat(refused.err())
        .startsWith("xdp4j: ")
        .contains("program firewall: map '", "does not fit: of 4 KiB that maps may take together");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(Invocation.of("replay", "-p", firewall, "--map-memory", "1GiB", dns).status())
        .isZero();
    Invocation.of("replay", "-p", firewall, "--map-memory", "much", dns)
        .refuses(2, "--map-memory is a number of bytes such as 65536, 64K, 512M or 2G, not 'much'");
  }

  @Test
  void perfEventsGoToStandardOutput() {
    Invocation replay =
        Invocation.of(
            "replay", "-p", "~/filters/perf_sampler.bpf.o", "--events", "-", "~/pcaps/dns.pcap");
    assertThat(replay.err()).isEmpty();
    assertThat(replay.out())
        .startsWith("{\"event\":\"perf\",\"map\":\"events\",\"cpu\":0,\"size\":");
  }

  @Test
  void eventsThatCannotBeWrittenAreASentence() {
    String sampler = "~/filters/sampler.bpf.o";
    String dns = "~/pcaps/dns.pcap";
    assertThat(
            Invocation.of("replay", "-p", sampler, "--events", "-", "--event-type", "x=y", dns)
                .err())
        .contains("--event-type x=y: the object has no map x");
    assertThat(
            Invocation.of(
                    "replay", "-p", sampler, "--events", "-", "--event-type", "samples=y", dns)
                .err())
        .contains("the object's BTF has no type y of a known size");
    assertThat(Invocation.of("replay", "-p", sampler, "--event-type", "samples=y", dns).err())
        .contains("--event-type has a meaning with --events only");
    assertThat(Invocation.of("replay", "-p", sampler, "--events", dns, dns).err())
        .contains("is a capture to be replayed, and would be overwritten");
  }

  @Test
  void workersAndRepeatsAddUp() {
    Invocation replay =
        Invocation.of("replay", "-p", FIREWALL, "-w", "2", "--repeat", "10", HTTP, HTTP);
    assertThat(replay.out()).contains("1,720 received = 1,720 passed + 0 transmitted + 0 dropped");
  }

  @Test
  void mapsAreFilledBeforeTheFirstFrame() {
    Invocation replay =
        Invocation.of(
            "replay",
            "-p",
            FIREWALL,
            "--map",
            "sources_v4=0.0.0.0/0=XDP_DROP",
            "--map",
            "sources_v6=::/0=XDP_DROP",
            "--map",
            "default_action=XDP_PASS",
            HTTP);
    assertThat(replay.out())
        .contains("86 received = 0 passed + 0 transmitted + 86 dropped")
        .contains("0.0.0.0/0");
  }

  @Test
  void whatGoesOnAndWhatDoesNotIsWritten() {
    Path out = directory.resolve("out.pcapng");
    Path dropped = directory.resolve("dropped.pcap");
    Invocation replay =
        Invocation.of(
            "replay",
            "-p",
            FIREWALL,
            "--out",
            out.toString(),
            "--dropped",
            dropped.toString(),
            "~/pcaps/mixed.pcapng");
    assertThat(replay.status()).isZero();
    assertThat(Invocation.of("capture-info", out.toString()).out())
        .contains("pcapng")
        .containsPattern("frames +1,287");
    assertThat(Invocation.of("capture-info", dropped.toString()).out())
        .containsPattern("frames +52");
  }

  @Test
  void jsonIsOneObject() {
    Invocation replay = Invocation.of("replay", "--json", "-p", FIREWALL, HTTP);
    assertThat(replay.keys())
        .containsExactly(
            List.of(
                "object",
                "program",
                "frames",
                "bytes",
                "workers",
                "repeat",
                "nanos",
                "nsPerFrame",
                "mpps",
                "gbps",
                "actions",
                "balance",
                "drops",
                "redirected",
                "maps",
                "faults",
                "complete",
                "problems"));
    assertThat(replay.out()).contains("\"XDP_PASS\":86");
  }

  @Test
  void recordsOfRingBuffersAreTakenOut() {
    Invocation replay = Invocation.of("replay", "-p", "~/filters/sampler.bpf.o", HTTP);
    assertThat(replay.out()).containsPattern("map samples \\(RINGBUF\\): 1 record");
  }

  @Test
  void aTruncatedCaptureIsReplayedAsFarAsItGoes() throws Exception {
    byte[] whole = Files.readAllBytes(Invocation.ROOT.resolve("pcaps/http.pcap"));
    Path file = directory.resolve("cut.pcap");
    Files.write(file, Arrays.copyOf(whole, 20_000));
    Invocation replay = Invocation.of("replay", "-p", FIREWALL, file.toString());
    assertThat(replay.status()).isEqualTo(2);
    assertThat(replay.err()).startsWith("xdp4j: " + file + ": ends at byte 20000").endsWith("\n");
    assertThat(replay.err().lines()).hasSize(1);
    assertThat(replay.out()).containsPattern("\\d+ received = \\d+ passed");
  }

  @Test
  void noOutputOverwritesTheObjectFile() throws Exception {
    Path object = directory.resolve("pass.bpf.o");
    Files.copy(Invocation.ROOT.resolve("filters/pass.bpf.o"), object);
    byte[] before = Files.readAllBytes(object);
    Invocation.of("replay", "-p", object.toString(), "--out", object.toString(), HTTP)
        .refuses(2, object + ": is the object file to be run, and would be overwritten");
    assertThat(object).hasBinaryContent(before);
  }

  @Test
  void troubleIsOneSentence() throws Exception {
    Invocation.of("replay", HTTP)
        .refuses(2, "Missing required option: '--program=OBJ[:NAME]' (see: xdp4j replay --help)");
    Invocation.of("replay", "-p", FIREWALL, "/no/such.pcap")
        .refuses(2, "/no/such.pcap: there is no such file");
    Invocation.of("replay", "-p", "/no/such.o", HTTP)
        .refuses(2, "/no/such.o: there is no such file");
    Invocation.of("replay", "-p", "~/filters", HTTP)
        .refuses(2, "~/filters: this is a directory, not an object file");
    Invocation.of("replay", "-p", FIREWALL, "~/pcaps").refuses(2, "~/pcaps: is a directory");
    Invocation.of("replay", "-p", FIREWALL + ":fire", HTTP)
        .refuses(2, FIREWALL + ": there is no program 'fire'; it has firewall (section xdp)");
    Invocation.of("replay", "-p", FIREWALL + ":", HTTP)
        .refuses(2, "'" + FIREWALL + ":' names no program behind the colon");
    Invocation.of("replay", "-p", "~/filters/tail_call.bpf.o", HTTP)
        .refuses(
            2,
            "~/filters/tail_call.bpf.o: there are several programs, say which as"
                + " ~/filters/tail_call.bpf.o:NAME; it has parse_ipv4 (section xdp),"
                + " parse_ipv6 (section xdp), tail_call (section xdp)");
    Invocation.of("replay", "-p", FIREWALL, "--workers", "0", HTTP)
        .refuses(2, "--workers is 1 to 256, not 0");
    Invocation.of("replay", "-p", FIREWALL, "--repeat", "0", HTTP)
        .refuses(2, "--repeat is 1 or more, not 0");
    Invocation.of("replay", "-p", FIREWALL, "--map", "port=1", HTTP)
        .refuses(
            2,
            "--map: there is no map or global variable 'port' in "
                + FIREWALL
                + ", which has decisions, sources_v4, sources_v6, ports, open_tcp_ports,"
                + " open_udp_ports, default_action");
    Invocation.of("replay", "-p", FIREWALL, "--out", "/no/such/folder/out.pcap", HTTP)
        .refuses(2, "/no/such/folder/out.pcap cannot be opened: there is no such file");
    Path text = Files.writeString(directory.resolve("text"), "this is no capture");
    Invocation.of("replay", "-p", FIREWALL, text.toString())
        .refuses(
            2, text + ": is no capture: it begins with 74686973, which is neither pcap nor pcapng");
  }
}
