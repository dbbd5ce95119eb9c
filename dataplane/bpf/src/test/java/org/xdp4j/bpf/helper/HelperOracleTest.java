package org.xdp4j.bpf.helper;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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

/** Helpers against the running kernel's, over edges and generated sequences of calls. */
class HelperOracleTest {
  private static final int ROUNDS = 60;

  private final HelperLab lab = new HelperLab();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private static byte[] packet(int size) {
    byte[] packet = new byte[size];
    new Random(size).nextBytes(packet);
    return packet;
  }

  @Covers({
    "bpf_xdp_adjust_head",
    "bpf_xdp_adjust_meta",
    "bpf_xdp_adjust_tail",
    "bpf_xdp_get_buff_len"
  })
  @Test
  void theFrameMovesAsInLinux() throws MapException {
    Random random = new Random(1);
    int[] helpers = {44, 54, 65, 188};
    int[] edges = {0, 1, -1, 4, -4, -8, -252, -256, -255, -216, -217, -200, 3520, 3456, 50, -50};
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet();
      for (int i = 0; i < 12; i++) {
        int by = random.nextBoolean() ? edges[random.nextInt(16)] : random.nextInt(-90, 90);
        snippet.move(1, 6).set(2, by).call(helpers[random.nextInt(helpers.length)]);
      }
      lab.agree("round " + round, snippet, List.of(), packet(random.nextInt(14, 200)));
    }
  }

  @Covers({"bpf_xdp_load_bytes", "bpf_xdp_store_bytes"})
  @Test
  void bytesAreCopiedAsInLinux() throws MapException {
    Random random = new Random(2);
    int[] offsets = {0, 1, 60, 63, 64, 65, 0xFFFF, 0x10000, -1, 20};
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet().writeLong(-16, 0x01020304).writeLong(-8, -2);
      for (int i = 0; i < 8; i++) {
        int helper = random.nextBoolean() ? 189 : 190;
        snippet.move(1, 6).set(2, offsets[random.nextInt(offsets.length)]);
        snippet.stack(3, -16).set(4, random.nextInt(1, 17)).call(helper);
        snippet.add(0x61, 1, 10, -16, 0).fold(1); // r1 = *(u32 *)(r10 - 16)
      }
      lab.agree("round " + round, snippet, List.of(), packet(64));
    }
  }

  @Covers({"bpf_csum_diff"})
  @Test
  void checksumsDifferAsInLinux() throws MapException {
    Random random = new Random(3);
    int[] seeds = {0, 1, -1, 0xFFFF, 0x10000, 0x7FFF8000, 0xFFFF0000, 12345};
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet();
      for (int at = -64; at < 0; at += 4) {
        int kind = random.nextInt(4);
        snippet.writeInt(at, kind == 0 ? 0 : kind == 1 ? -1 : random.nextInt());
      }
      for (int i = 0; i < 10; i++) {
        int from = random.nextInt(9) * 4 - random.nextInt(5) / 4;
        int to = random.nextInt(10) * 4 + random.nextInt(5) / 4;
        from = Math.max(from, 0);
        snippet.stack(1, -64).set(2, from).stack(3, -40).set(4, Math.min(to, 40));
        if (from == 0) {
          snippet.set(1, 0);
        }
        snippet.set(5, seeds[random.nextInt(seeds.length)]).call(28);
      }
      lab.agree("round " + round, snippet, List.of(), packet(14));
    }
  }

  @Covers({"bpf_redirect", "bpf_redirect_map", "DEVMAP", "DEVMAP_HASH"})
  @Test
  void redirectsReturnWhatLinuxReturns() throws MapException {
    List<MapSpec> maps =
        List.of(
            MapSpec.of("dev", MapType.DEVMAP, 4, 4, 4, 0),
            MapSpec.of("hash", MapType.DEVMAP_HASH, 4, 8, 4, 0));
    long[] flags = {0, 1, 2, 3, 4, 8, 9, 16, 24, 27, 32, 1L << 40};
    Snippet snippet = new Snippet();
    for (long flag : flags) {
      snippet.set(1, 3).setLong(2, flag).call(23);
      for (int map = 0; map < 2; map++) {
        snippet.map(1, map).set(2, 1).setLong(3, flag).call(51);
        snippet.map(1, map).set(2, 77).setLong(3, flag).call(51);
      }
    }
    lab.agree("redirects", snippet, maps, packet(64));
  }

  @Covers({"bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"ARRAY", "HASH", "LRU_HASH", "PERCPU_ARRAY", "PERCPU_HASH", "LPM_TRIE"})
  void programsUseMapsAsInLinux(MapType type) throws MapException {
    int entries = type == MapType.LRU_HASH ? 2048 : 3;
    int flags = type == MapType.LPM_TRIE ? MapSpec.F_NO_PREALLOC : 0;
    List<MapSpec> maps = List.of(MapSpec.of("m", type, 8, 8, entries, flags));
    if (type.name().endsWith("ARRAY")) {
      maps = List.of(MapSpec.of("m", type, 4, 8, entries, 0));
    }
    Random random = new Random(type.id());
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet();
      for (int i = 0; i < 12; i++) {
        snippet.writeInt(-8, random.nextInt(5)).writeInt(-4, random.nextInt(2) << 6);
        snippet.writeLong(-16, random.nextInt());
        snippet.map(1, 0).stack(2, -8).stack(3, -16);
        switch (random.nextInt(3)) {
          case 0 -> snippet.callOnly(1).foldWordAt(0);
          case 1 -> snippet.set(4, random.nextInt(4)).call(2);
          default -> snippet.call(3);
        }
      }
      lab.agree(type + " round " + round, snippet, maps, packet(14));
    }
  }

  /** Linux's preallocated hash gives a replaced key a new element, and so do we. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aPointerToAValueOutlivesItsKey(int helper) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("m", MapType.HASH, 4, 8, 4, 0));
    Snippet snippet = new Snippet().writeInt(-4, 1).writeLong(-16, 5);
    snippet.map(1, 0).stack(2, -4).stack(3, -16).set(4, 0).call(2);
    snippet.map(1, 0).stack(2, -4).callOnly(1).move(8, 0).foldWordAt(8);
    snippet.writeLong(-16, 6).map(1, 0).stack(2, -4).stack(3, -16).set(4, 0).call(helper);
    snippet.foldWordAt(8);
    lab.agree("helper " + helper, snippet, maps, packet(14));
  }

  @Covers({"bpf_map_push_elem", "bpf_map_pop_elem", "bpf_map_peek_elem", "QUEUE", "STACK"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"QUEUE", "STACK"})
  void valuesWithoutKeysComeAndGoAsInLinux(MapType type) throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("m", type, 0, 8, 3, 0));
    Random random = new Random(type.id());
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet();
      for (int i = 0; i < 15; i++) {
        snippet.writeLong(-16, random.nextInt()).map(1, 0).stack(2, -16);
        switch (random.nextInt(4)) {
          case 0 -> snippet.call(88);
          case 1 -> snippet.call(89);
          default -> snippet.set(3, random.nextInt(4) * random.nextInt(2)).call(87);
        }
        snippet.add(0x61, 1, 10, -16, 0).fold(1); // r1 = *(u32 *)(r10 - 16)
      }
      lab.agree(type + " round " + round, snippet, maps, packet(14));
    }
  }

  @Covers({"BLOOM_FILTER"})
  @Test
  void aBloomFilterKnowsWhatWasPushed() throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("m", MapType.BLOOM_FILTER, 0, 8, 4096, 0));
    Snippet snippet = new Snippet();
    for (int i = 0; i < 6; i++) {
      snippet.writeLong(-16, i % 3).map(1, 0).stack(2, -16);
      snippet = i < 3 ? snippet.set(3, i / 2).call(87) : snippet.call(89);
    }
    lab.agree("bloom filter", snippet, maps, packet(14));
  }

  @Covers({"bpf_perf_event_output", "PERF_EVENT_ARRAY"})
  @Test
  void eventsThatNobodyReadsFailAsInLinux() throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("m", MapType.PERF_EVENT_ARRAY, 4, 4, 4, 0));
    long[] flags = {
      0xFFFFFFFFL,
      0,
      1,
      3,
      4,
      0x7FFFFFFF,
      64L << 32 | 0xFFFFFFFFL,
      65L << 32 | 0xFFFFFFFFL,
      1L << 52,
      -1L,
      14L << 32 | 9
    };
    Snippet snippet = new Snippet().writeLong(-8, 1);
    for (long flag : flags) {
      snippet.move(1, 6).map(2, 0).setLong(3, flag).stack(4, -8).set(5, 8).call(25);
    }
    lab.agree("perf events", snippet, maps, packet(64));
  }

  @Covers({"bpf_ringbuf_output", "bpf_ringbuf_query", "RINGBUF"})
  @Test
  void ringBuffersFillUpAsInLinux() throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096, 0));
    int[] sizes = {0, 1, 8, 100, 511, 512, 256, 9};
    Random random = new Random(4);
    for (int round = 0; round < ROUNDS; round++) {
      Snippet snippet = new Snippet().write(-512, new byte[512]);
      for (int i = 0; i < 25; i++) {
        int flags = random.nextInt(5) == 0 ? random.nextInt(6) : 0;
        snippet.map(1, 0).stack(2, -512).set(3, sizes[random.nextInt(8)]).set(4, flags).call(130);
        int question = random.nextInt(6);
        snippet.map(1, 0).set(2, question == 4 ? 99 : question).call(134);
      }
      lab.agree("round " + round, snippet, maps, packet(14));
    }
  }

  @Covers({"bpf_ringbuf_reserve", "bpf_ringbuf_submit", "bpf_ringbuf_discard"})
  @Test
  void reservedRecordsHoldTheirRoom() throws MapException {
    List<MapSpec> maps = List.of(MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096, 0));
    int[] sizes = {4080, 4088, 4089, 8, 4000, 0x3FFFFFFF};
    for (int size : sizes) {
      Snippet snippet = new Snippet();
      for (int i = 0; i < 4; i++) {
        snippet.map(1, 0).set(2, size).set(3, 0).callOnly(131);
        // if (r0) { fold 2, submit or discard it } else { fold 1 }
        snippet.set(1, 1).set(2, 0).add(0x15, 0, 0, 4, 0);
        snippet.move(1, 0).set(2, 0).callOnly(i % 2 == 0 ? 132 : 133).set(1, 2).fold(1);
        snippet.map(1, 0).set(2, 3).call(134);
      }
      lab.agree("size " + size, snippet, maps, packet(14));
    }
  }

  @Covers({"bpf_trace_printk"})
  @ParameterizedTest
  @CsvSource({
    "hello, 1",
    "%d %u %x, 3",
    "%%d, 1",
    "%d %d %d %d, 1",
    "%5d|%-5d|%05d, 1",
    "%ld %lld %llx, 1",
    "%lx %li %lX, 1",
    "% d %+d %+5d, 1",
    "%c, 1",
    "%q, 1",
    "%, 1",
    "%5, 1",
    "%l, 1",
    "%lll, 1",
    "%pq, 1",
    "%pI5, 1",
    "%hhd, 1",
    "%#x, 1",
    "%.3d, 1",
    "%o, 1",
    "%dabc, 1",
    "%i%i%i%i, 1",
    "%lc, 1"
  })
  void textIsAcceptedAsInLinux(String format, int a) throws MapException {
    byte[] text = (format + "\0").getBytes(StandardCharsets.US_ASCII);
    Snippet snippet = new Snippet().write(-64, text);
    snippet.stack(1, -64).set(2, text.length).set(3, a).set(4, -7).setLong(5, 0x123456789AL);
    lab.agree(format, snippet.call(6), List.of(), packet(14));
  }

  @Test
  void textWithoutItsEndIsRefused() throws MapException {
    byte[] text = {'a', 'b'};
    Snippet snippet = new Snippet().write(-64, text);
    snippet.stack(1, -64).set(2, 2).set(3, 0).set(4, 0).set(5, 0);
    lab.agree("no NUL", snippet.call(6), List.of(), packet(14));
    Snippet control = new Snippet().write(-64, new byte[] {'a', 1, 0});
    control.stack(1, -64).set(2, 3).set(3, 0).set(4, 0).set(5, 0);
    lab.agree("control character", control.call(6), List.of(), packet(14));
  }

  @Covers({"bpf_snprintf"})
  @ParameterizedTest
  @ValueSource(
      strings = {
        "%d %d",
        "%5d|%-5d|",
        "%05d|%+d|",
        "%x %X",
        "%lld %llu",
        "%ld|% d|",
        "%10lx|%-10lx|",
        "%c%c",
        "%020lld|%1d|",
        "%-05d|%+05d|",
        "plain",
        "%%%d",
        "%3c|%-3c|"
      })
  void textIsFormattedAsInLinux(String format) throws MapException {
    byte[] constant = new byte[64];
    byte[] text = format.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, constant, 0, text.length);
    MapSpec strings =
        MapSpec.of("strings", MapType.ARRAY, 4, 64, 1, MapSpec.F_RDONLY_PROG)
            .withData(constant)
            .withFrozen(true);
    List<MapSpec> maps = List.of(strings, MapSpec.of("out", MapType.ARRAY, 4, 64, 1, 0));
    int[][] arguments = {{0, 1}, {-5, 70}, {65, -1}, {Integer.MIN_VALUE, Integer.MAX_VALUE}};
    int[] sizes = {64, 5, 1, 0};
    for (int i = 0; i < 4; i++) {
      Snippet snippet =
          new Snippet().writeLong(-16, arguments[i][0]).writeLong(-8, arguments[i][1]);
      snippet.mapValue(1, 1, 0).set(2, sizes[i]).mapValue(3, 0, 0).stack(4, -16);
      int specs = (int) format.replace("%%", "").chars().filter(c -> c == '%').count();
      lab.agree(format + " " + i, snippet.set(5, 8 * specs).call(165), maps, packet(14));
    }
  }

  /** The kernel has 512 bytes for all arguments: strings, addresses and numbers share them. */
  @ParameterizedTest
  @CsvSource({
    "%s%pI4|%s, 497",
    "%s%pI4|%d, 503",
    "%s%pI4, 506",
    "%s%pI4, 507",
    "%s%pI4, 508",
    "%s%pI4, 511",
    "%s%pI6|, 470",
    "%s%pI6|, 471",
    "%s%pI6|, 480",
    "%s%pi6|, 495",
    "%s%pI6|, 496",
    "%s%pi4|, 507",
    "%s%d, 503",
    "%s%d, 507",
    "%s%d, 508",
    "%s%lld, 499",
    "%s%lld, 503",
    "%s%lld, 504",
    "%s%c, 510",
    "%s%c, 511",
    "%s%s, 510",
    "%s%s, 511",
    "%s%s, 600",
    "%s%c%d, 505",
    "%s%c%d, 507",
    "%s%px, 504"
  })
  void textHasAsMuchRoomAsInLinux(String format, int length) throws MapException {
    byte[] constant = new byte[64];
    byte[] text = format.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, constant, 0, text.length);
    MapSpec formats =
        MapSpec.of("formats", MapType.ARRAY, 4, 64, 1, MapSpec.F_RDONLY_PROG)
            .withData(constant)
            .withFrozen(true);
    byte[] letters = new byte[1024];
    Arrays.fill(letters, 0, length, (byte) 'x');
    MapSpec strings =
        MapSpec.of("strings", MapType.ARRAY, 4, 1024, 1, MapSpec.F_RDONLY_PROG)
            .withData(letters)
            .withFrozen(true);
    List<MapSpec> maps = List.of(formats, MapSpec.of("out", MapType.ARRAY, 4, 1024, 1, 0), strings);
    int specs = (int) format.chars().filter(c -> c == '%').count();
    Snippet snippet = new Snippet().writeInt(-48, 0x04030201).writeInt(-44, 77).writeLong(-40, 9);
    snippet.mapValue(1, 2, 0).add(Opcode.STX | Opcode.MEM | Opcode.DW, 10, 1, -32, 0);
    snippet.stack(1, -48);
    for (int i = 1; i < 3; i++) {
      boolean address = i == 1 && format.startsWith("%s%p");
      if (address && !format.contains("%px")) {
        snippet.add(Opcode.STX | Opcode.MEM | Opcode.DW, 10, 1, -32 + 8 * i, 0);
      } else {
        snippet.writeLong(-32 + 8 * i, 0x41);
      }
    }
    snippet.mapValue(1, 1, 0).set(2, 1024).mapValue(3, 0, 0).stack(4, -32);
    lab.agree(format + " " + length, snippet.set(5, 8 * specs).call(165), maps, packet(14));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"größe %d", "%d ü", "%s\u00a0|", "%s\u00fc|", "%s\u05d0|", "\u007f", "%\u00fc"})
  void textOfOtherAlphabetsIsTakenAsInLinux(String format) throws MapException {
    byte[] text = format.getBytes(StandardCharsets.UTF_8);
    Snippet snippet = new Snippet().write(-64, Arrays.copyOf(text, text.length + 1));
    snippet.stack(1, -64).set(2, text.length + 1).set(3, 5).set(4, 0).set(5, 0);
    lab.agree(format, snippet.call(6), List.of(), packet(14));
  }
}
