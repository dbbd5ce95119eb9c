package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;

/** Programs that libbpf does not load by itself run, and are judged, when they are named only. */
class OptionalProgramsTest {
  private static final String SOURCE =
      """
      #include <linux/bpf.h>
      #include <bpf/bpf_helpers.h>
      struct event { __u32 length; __u32 queue; };
      struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 16);
      __type(value, struct event); } lengths SEC(".maps");
      SEC("?xdp") int optional(struct xdp_md *ctx) { return *(__u8 *)(long)ctx->data; }
      SEC("xdp") int always(struct xdp_md *ctx) {
        struct event event = { ctx->data_end - ctx->data, ctx->rx_queue_index };
        bpf_ringbuf_output(&lengths, &event, sizeof(event), 0);
        return 1;
      }
      char _license[] SEC("license") = "GPL";
      """;

  @TempDir private Path folder;
  private Path object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = Files.writeString(folder.resolve("optional.c"), SOURCE);
    object = folder.resolve("optional.o");
    Clang.build(source, object, "-O2", "-g");
  }

  @Test
  void verifyLeavesThemOutAndSaysSo() {
    Invocation verify = Invocation.of("verify", object.toString());
    assertThat(verify.status()).as(verify.out()).isZero();
    assertThat(verify.out())
        .contains("always (section xdp): accepted")
        .contains("optional (section ?xdp): left out", "ask for " + object + ":optional");
    Invocation named = Invocation.of("verify", object + ":optional");
    assertThat(named.status()).isEqualTo(1);
    assertThat(named.out()).contains("optional (section ?xdp): refused").doesNotContain("always");
  }

  @Test
  void replayRunsTheOneThatIsLoaded() {
    Invocation replay = Invocation.of("replay", "--program", object.toString(), "~/pcaps/dns.pcap");
    assertThat(replay.status()).as(replay.err()).isZero();
    Invocation named =
        Invocation.of("replay", "--program", object + ":optional", "~/pcaps/dns.pcap");
    assertThat(named.status()).isEqualTo(1);
    assertThat(named.err()).contains("program optional refused");
  }

  @Test
  void aConfigurationNeedNotNameTheOneThatIsLoaded() throws Exception {
    Path config = folder.resolve("optional.toml");
    Files.writeString(
        config,
        """
        [port.in]
        type = "null"
        mac = "02:00:00:00:00:01"

        [program.sampler]
        object = "optional.o"
        ports = "in"

        [control]
        socket = "none"
        """);
    Invocation check = Invocation.of("check", config.toString());
    assertThat(check.err()).doesNotContain("several XDP programs");
    assertThat(check.status()).as(check.out() + check.err()).isZero();
  }

  /** The map says what its events are, as objects for cilium/ebpf have it. */
  @Test
  void eventsArePrintedByTheTypeThatTheMapGives() {
    Invocation replay =
        Invocation.of(
            "replay", "--events", "-", "--program", object.toString(), "~/pcaps/dns.pcap");
    assertThat(replay.out()).contains("\"value\":{\"length\":");
  }
}
