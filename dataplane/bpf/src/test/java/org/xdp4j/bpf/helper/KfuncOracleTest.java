package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** What kernel functions answer, beside the running kernel's. */
class KfuncOracleTest {
  private static final byte[] PACKET = new byte[64];
  private static final int LOAD_INT = Opcode.LDX | Opcode.MEM | Opcode.W;

  private final HelperLab lab = new HelperLab();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** Below 8 bytes Linux writes the reason behind what it was given, and we write nothing. */
  @Covers("bpf_xdp_ct_lookup")
  @ParameterizedTest
  @ValueSource(ints = {8, 11, 12, 13, 16, 20})
  void connectionsAreNotFoundForTheReasonsOfLinux(int size) throws MapException {
    for (int tuple : new int[] {0, 4, 12, 36, 40}) {
      for (int netns : new int[] {-1, -2, 1 << 20}) {
        for (int options : new int[] {6, 17, 1, 6 | 1 << 16, 17 | 1 << 24, 6 | 1 << 8}) {
          for (int zone : new int[] {0, 1, 2, 3, 4, 1 << 8, 1 << 16}) {
            Snippet snippet = zeroed(64);
            snippet.writeInt(-24, netns).writeInt(-16, options).writeInt(-12, zone);
            snippet.move(1, 6).stack(2, -64).set(3, tuple).stack(4, -24).set(5, size);
            snippet.callKernel("bpf_xdp_ct_lookup");
            giveBack(snippet, "bpf_ct_release");
            snippet.add(LOAD_INT, 1, 10, -20, 0).fold(1);
            snippet.add(LOAD_INT, 1, 10, -12, 0).fold(1);
            lab.agree(
                "tuple %d netns %d options %x zone %x".formatted(tuple, netns, options, zone),
                snippet,
                List.of(),
                PACKET);
            if (size < 12) {
              break;
            }
          }
        }
      }
    }
  }

  @Covers("bpf_xdp_ct_alloc")
  @Test
  void connectionsAreNotMadeForTheReasonsOfLinux() throws MapException {
    for (int size : new int[] {8, 12, 16, 17}) {
      for (int options : new int[] {6, 1, 6 | 1 << 16}) {
        Snippet snippet = zeroed(64).writeInt(-24, -1).writeInt(-16, options);
        snippet.move(1, 6).stack(2, -64).set(3, 8).stack(4, -24).set(5, size);
        snippet.callKernel("bpf_xdp_ct_alloc");
        giveBack(snippet, "bpf_ct_insert_entry");
        snippet.add(LOAD_INT, 1, 10, -20, 0).fold(1);
        lab.agree("options %x size %d".formatted(options, size), snippet, List.of(), PACKET);
      }
    }
  }

  /** Linux has the function in a module (nf_flow_table), which is often not there to ask. */
  @Covers("bpf_xdp_flow_lookup")
  @ParameterizedTest
  @CsvSource({"2, 4, -2", "10, 4, -2", "1, 4, -97", "0, 4, -97", "2, 8, -22", "1, 0, -22"})
  void flowsAreNotFoundForTheReasonsOfLinux(int family, int size, int error) throws MapException {
    Snippet snippet = zeroed(72).writeInt(-64, family).writeInt(-72, 1);
    snippet.move(1, 6).stack(2, -64).stack(3, -72).set(4, size).callKernel("bpf_xdp_flow_lookup");
    snippet.add(LOAD_INT, 1, 10, -72, 0).fold(1);
    assertThat(lab.run(snippet, List.of(), PACKET).returnCode()).isEqualTo(error);
  }

  @Covers("bpf_xdp_get_xfrm_state")
  @ParameterizedTest
  @ValueSource(ints = {0, 4, 35, 36, 40})
  void securityAssociationsAreNotFoundForTheReasonsOfLinux(int size) throws MapException {
    for (int netns : new int[] {-1, -2, 1 << 20}) {
      Snippet snippet = zeroed(48).writeInt(-44, netns);
      snippet.move(1, 6).stack(2, -48).set(3, size).callKernel("bpf_xdp_get_xfrm_state");
      giveBack(snippet, "bpf_xdp_xfrm_state_release");
      snippet.add(LOAD_INT, 1, 10, -48, 0).fold(1);
      lab.agree("netns " + netns, snippet, List.of(), PACKET);
    }
  }

  @Covers({
    "bpf_task_from_pid",
    "bpf_task_from_vpid",
    "bpf_cgroup_from_id",
    "bpf_lookup_system_key",
    "bpf_get_kmem_cache"
  })
  @Test
  void whatIsNotThereIsNotFound() throws MapException {
    Snippet snippet = new Snippet();
    snippet.set(1, -1).callKernel("bpf_task_from_pid");
    giveBack(snippet, "bpf_task_release");
    snippet.set(1, -1).callKernel("bpf_task_from_vpid");
    giveBack(snippet, "bpf_task_release");
    snippet.set(1, -1).callKernel("bpf_cgroup_from_id");
    giveBack(snippet, "bpf_cgroup_release");
    snippet.set(1, 77).callKernel("bpf_lookup_system_key");
    giveBack(snippet, "bpf_key_put");
    snippet.set(1, 0).callKernel("bpf_get_kmem_cache");
    snippet.add(Opcode.JMP | Opcode.JEQ | Opcode.K, 0, 0, 1, 0).set(7, 99);
    lab.agree("nothing", snippet, List.of(), PACKET);
  }

  /** Folds whether r0 is NULL, and gives it back if not. */
  private static void giveBack(Snippet snippet, String function) {
    boolean insert = function.equals("bpf_ct_insert_entry");
    snippet.add(Opcode.JMP | Opcode.JEQ | Opcode.K, 0, 0, insert ? 6 : 3, 0);
    snippet.set(7, 12345).move(1, 0).callKernel(function);
    if (insert) {
      snippet.add(Opcode.JMP | Opcode.JEQ | Opcode.K, 0, 0, 2, 0);
      snippet.move(1, 0).callKernel("bpf_ct_release");
    }
  }

  private static Snippet zeroed(int bytes) {
    Snippet snippet = new Snippet();
    for (int at = -bytes; at < 0; at += 8) {
      snippet.writeLong(at, 0);
    }
    return snippet;
  }

  @Covers("bpf_map_sum_elem_count")
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {
        "HASH",
        "PERCPU_HASH",
        "LRU_HASH",
        "LRU_PERCPU_HASH",
        "ARRAY",
        "LPM_TRIE",
        "DEVMAP_HASH"
      })
  void entriesAreCountedAsInLinux(MapType type) throws MapException {
    int key = type == MapType.LPM_TRIE ? 8 : 4;
    int value = type == MapType.DEVMAP_HASH ? 4 : 8;
    int flags = type == MapType.LPM_TRIE ? MapSpec.F_NO_PREALLOC : 0;
    List<MapSpec> maps = List.of(MapSpec.of("counted", type, key, value, 16, flags));
    Snippet snippet = zeroed(32);
    for (int i = 0; i < 20; i++) {
      snippet.writeInt(-8, i % 13).writeInt(-4, i);
      snippet.map(1, 0).stack(2, -8).stack(3, -16).set(4, 0);
      if (type != MapType.DEVMAP_HASH) {
        snippet.callOnly(i % 4 == 3 ? HelperSpec.MAP_DELETE_ELEM : HelperSpec.MAP_UPDATE_ELEM);
      }
      snippet.map(1, 0).callKernel("bpf_map_sum_elem_count").fold(0);
    }
    lab.agree(type.name(), snippet, maps, PACKET);
  }

  @Covers("bpf_stream_vprintk_impl")
  @Test
  void streamsArePrintedToAsInLinux() throws MapException {
    String[] formats = {"", "plain", "%d %s", "%lld", "%d", "%pI4", "%q", "100%", "%d %d %d", "%%"};
    for (String format : formats) {
      byte[] text = (format + "\0").getBytes(StandardCharsets.US_ASCII);
      MapSpec string =
          MapSpec.of("string", MapType.ARRAY, 4, text.length, 1, MapSpec.F_RDONLY_PROG)
              .withData(text)
              .withFrozen(true);
      for (int stream : new int[] {0, 1, 2, 3, -1}) {
        for (int size : new int[] {0, 8, 16, 24, 7}) {
          Snippet snippet = zeroed(32);
          snippet.set(1, stream).mapValue(2, 0, 0).stack(3, -32).set(4, size).set(5, 0);
          snippet.callKernel("bpf_stream_vprintk_impl");
          // Not every kernel has memory for the text: what it made of the arguments is compared.
          snippet.add(Opcode.JMP32 | Opcode.JNE | Opcode.K, 0, 0, 1, -12).set(0, 0).fold(0);
          String what = "'%s' and %d bytes to %d".formatted(format, size, stream);
          lab.agree(what, snippet, List.of(string), PACKET);
        }
      }
    }
  }

  @Covers({
    "bpf_probe_read_kernel_dynptr",
    "bpf_probe_read_kernel_str_dynptr",
    "bpf_probe_read_user_dynptr",
    "bpf_probe_read_user_str_dynptr"
  })
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bpf_probe_read_kernel_dynptr",
        "bpf_probe_read_kernel_str_dynptr",
        "bpf_probe_read_user_dynptr",
        "bpf_probe_read_user_str_dynptr"
      })
  void readsIntoADynptrAnswerAsInLinux(String function) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("memory", MapType.ARRAY, 4, 64, 1, 0));
    for (int offset : new int[] {0, 1, 60, 63, 64, 65, -1}) {
      for (int size : new int[] {0, 1, 4, 8, 63, 64, 65, -1}) {
        for (int from : new int[] {0, 1, 2, 3}) {
          // A dynptr of the packet, and one of a map's value.
          Snippet snippet = zeroed(128).writeLong(-128, 0x64636261).writeInt(-124, 0x00676665);
          snippet.move(1, 6).set(2, 0).stack(3, -16).callKernel("bpf_dynptr_from_xdp");
          snippet.mapValue(1, 0, 0).set(2, 64).set(3, 0).stack(4, -32).callOnly(197);
          for (int dynptr : new int[] {-16, -32}) {
            source(snippet, from);
            snippet.stack(1, dynptr).set(2, offset).set(3, size).callKernel(function).fold(0);
          }
          lab.agree("%d, %d of %d".formatted(offset, size, from), snippet, maps, PACKET);
        }
      }
    }
  }

  /** r4: the stack, NULL, a user address, an address nothing is at. */
  private static void source(Snippet snippet, int from) {
    switch (from) {
      case 0 -> snippet.stack(4, -128);
      case 1 -> snippet.set(4, 0);
      case 2 -> snippet.setLong(4, 0x7fff00001000L);
      default -> snippet.setLong(4, 0xdead000000000100L);
    }
  }
}
