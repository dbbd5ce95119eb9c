package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.object.Clang;

/** What {@code replay} refuses to load, {@code verify} refuses in the same words. */
class JudgedObjectsTest {
  private static final String HASH = "__uint(type, BPF_MAP_TYPE_HASH); ";
  private static final String HOLDER =
      """
      struct inner { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4);
      __type(key, __u32); __type(value, __u32); };
      struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4);
      __type(key, __u32); __type(value, __u64); } other SEC(".maps");
      struct { __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS); __uint(max_entries, 4);
      __type(key, __u32); __array(values, struct inner); } holder SEC(".maps")
      = { .values = { [2] = (void *)&other } };
      """;
  private static final String TARGETS =
      """
      int later(struct xdp_md *ctx);
      struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4);
      __array(values, int(struct xdp_md *)); } jumps SEC(".maps")
      = { .values = { [1] = (void *)&later } };
      SEC("%s") int later(struct xdp_md *ctx) { return 1; }
      """;

  @TempDir private Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private static String definitions(String kind) {
    return switch (kind) {
      case "unused" ->
          "struct { " + HASH + "__type(key, __u32); __type(value, __u32); } m SEC(\".maps\");";
      case "inner" -> HOLDER;
      case "many" -> many();
      default -> TARGETS.formatted(kind);
    };
  }

  private static String many() {
    StringBuilder maps = new StringBuilder();
    for (int i = 0; i < 65; i++) {
      maps.append("struct { ").append(HASH).append("__uint(max_entries, 1); ");
      maps.append("__type(key, __u32); __type(value, __u32); } m%d SEC(\".maps\");\n".formatted(i));
    }
    return maps.toString();
  }

  private static String uses(String kind) {
    return switch (kind) {
      case "unused" -> "";
      case "inner" -> "bpf_map_delete_elem(&holder, &key);";
      case "many" -> {
        StringBuilder calls = new StringBuilder();
        for (int i = 0; i < 65; i++) {
          calls.append("bpf_map_delete_elem(&m%d, &key); ".formatted(i));
        }
        yield calls.toString();
      }
      default -> "bpf_tail_call(ctx, &jumps, 1);";
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unused | map 'm' has max_entries 0 (EINVAL)",
        "inner | map holder cannot hold map other at 2: it has values of 8 bytes, not 4",
        "many | it names another map, and 64 are the most of a program",
        "xdp.frags | map jumps cannot hold program later at 1: the program is xdp.frags, and the"
            + " first to use the map was xdp (EINVAL)",
        "tc | program later in section tc is not an XDP program: it works on the kernel's socket"
            + " buffers, for traffic control",
      })
  void verifyAndReplaySayTheSame(String kind, String sentence) throws Exception {
    Path source = folder.resolve("judged.c");
    Files.writeString(
        source,
        """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        %s
        SEC("xdp") int judged(struct xdp_md *ctx) { __u32 key = 1; (void)key; %s return 2; }
        char _license[] SEC("license") = "GPL";
        """
            .formatted(definitions(kind), uses(kind)));
    Path object = folder.resolve("judged.o");
    Clang.build(source, object, "-O2", "-g");
    Invocation verify = Invocation.of("verify", object.toString());
    assertThat(verify.status()).isEqualTo(1);
    assertThat(verify.out()).contains("judged (section xdp): refused", sentence);
    Invocation json = Invocation.of("verify", "--json", object.toString());
    assertThat(json.status()).isEqualTo(1);
    assertThat(json.out().lines().filter(line -> line.contains("\"program\":\"judged\"")))
        .singleElement()
        .asString()
        .contains("\"verdict\":\"reject\"", sentence);
    Invocation replay =
        Invocation.of("replay", "--program", object + ":judged", "~/pcaps/dns.pcap");
    assertThat(replay.status()).isEqualTo(1);
    assertThat(replay.err()).contains(sentence).hasLineCount(1);
  }
}
