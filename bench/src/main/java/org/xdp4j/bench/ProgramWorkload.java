package org.xdp4j.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * One program to time, with what its maps hold. Entries follow from their number alone, so that
 * both sides and every run have the same.
 *
 * @param name the row's name
 * @param object file of the object, from the project's top folder
 * @param program the program's name in it
 * @param settings global variables, as {@code --map} takes them
 * @param sizes {@code max_entries} by map, where they are not the object's own
 * @param contents what the maps hold at first
 * @param bar the ratio to the kernel's time that is wanted; NaN for none
 * @param frames what it runs over, in turn
 * @param churn entries of the first contents' map that change a second meanwhile
 */
record ProgramWorkload(
    String name,
    String object,
    String program,
    List<String> settings,
    Map<String, Integer> sizes,
    List<Contents> contents,
    double bar,
    List<byte[]> frames,
    int churn) {
  /** One frame of 64 bytes. */
  static final List<byte[]> FRAME = List.of(BenchFrame.bytes());

  private static final int CHANGES = 10_000;

  ProgramWorkload(
      String name,
      String object,
      String program,
      List<String> settings,
      Map<String, Integer> sizes,
      List<Contents> contents,
      double bar) {
    this(name, object, program, settings, sizes, contents, bar, FRAME, 0);
  }

  /** {@code count} entries of a map. */
  record Contents(String map, int count, IntFunction<byte[]> key, IntFunction<byte[]> value) {
    /** The key of an entry, counted round. */
    byte[] keyOf(int number) {
      return key.apply(Math.floorMod(number, count));
    }

    /** A value of another entry. */
    byte[] other(int number) {
      return value.apply(Math.floorMod(number + 1, count));
    }
  }

  private ProgramWorkload with(String more, List<String> added, List<byte[]> others, int changes) {
    List<String> all = new ArrayList<>(settings);
    all.addAll(added);
    return new ProgramWorkload(
        name + ", " + more, object, program, all, sizes, contents, bar, others, changes);
  }

  private static final String OURS = "bench/programs/";

  /** Rows of PEERS: programs first, then single look-ups. */
  static List<ProgramWorkload> all() {
    List<ProgramWorkload> all = new ArrayList<>();
    all.add(
        new ProgramWorkload(
            "parse and count",
            "filters/protocol_counter.bpf.o",
            "protocol_counter",
            List.of(),
            Map.of(),
            List.of(),
            0.5));
    for (int flows : new int[] {1, 4096, 32768}) {
      all.add(flows("flows, hash", "flow_hash", flows));
    }
    all.add(flows("flows, LRU hash", "flow_lru", 4096));
    for (int routes : new int[] {4096, 65000, 1_000_000}) {
      all.add(router(routes));
    }
    ProgramWorkload million = router(1_000_000);
    all.add(million.with("IMIX", List.of(), BenchFrame.imix(), 0));
    all.add(million.with("IMIX, Zipf", List.of("octaves=20"), BenchFrame.imix(), 0));
    all.add(router(65000).with("10k changes a second", List.of(), FRAME, CHANGES));
    all.add(router6(230_000));
    all.add(blocklist());
    all.add(balancer());
    all.add(acl());
    for (int entries : new int[] {65000, 1_000_000}) {
      all.add(lookUp("hash", entries, i -> bytes(spread(i))));
      all.add(lookUp("lru", entries, i -> bytes(spread(i))));
      all.add(lookUp("lpm", entries, ProgramWorkload::prefix));
    }
    return all;
  }

  /** Whether a quick run includes it. */
  boolean isSmall() {
    return name.equals("parse and count") || name.startsWith("flows") && name.endsWith("4k");
  }

  private static ProgramWorkload flows(String name, String object, int flows) {
    return new ProgramWorkload(
        name + ", " + short_(flows),
        OURS + object + ".bpf.o",
        "flow_counter",
        List.of("choices=" + flows),
        Map.of(),
        List.of(),
        0.5);
  }

  /** A router with a table of this size. */
  static ProgramWorkload router(int routes) {
    return new ProgramWorkload(
        "router, " + short_(routes) + " routes",
        OURS + "router.bpf.o",
        "router",
        List.of("choices=" + routes, "restored=" + BenchFrame.RESTORED),
        Map.of(),
        routes(routes, ProgramWorkload::prefix),
        0.25);
  }

  private static ProgramWorkload router6(int routes) {
    return new ProgramWorkload(
        "IPv6 router, " + routes / 1000 + "k routes",
        OURS + "router6.bpf.o",
        "router6",
        List.of("choices=" + routes),
        Map.of(),
        routes(routes, ProgramWorkload::prefix6),
        0.25,
        List.of(BenchFrame.ipv6()),
        0);
  }

  private static List<Contents> routes(int count, IntFunction<byte[]> prefix) {
    return List.of(
        new Contents("routes", count, prefix, i -> bytes(i & 63)),
        new Contents("next_hops", 64, ProgramWorkload::bytes, ProgramWorkload::nextHop),
        new Contents("ports", 64, ProgramWorkload::bytes, i -> bytes(1)));
  }

  /** Nine of ten sources are in the list. */
  private static ProgramWorkload blocklist() {
    int entries = 1_000_000;
    return new ProgramWorkload(
        "blocklist, 1M, 90 % hits",
        OURS + "blocklist.bpf.o",
        "blocklist",
        List.of("choices=" + entries / 9 * 10),
        Map.of(),
        List.of(
            new Contents(
                "blocked",
                entries,
                i -> bytes(BenchFrame.SOURCE + spread(i)),
                i -> new byte[Long.BYTES])),
        Double.NaN);
  }

  private static ProgramWorkload balancer() {
    return new ProgramWorkload(
        "L4 balancer, 100k flows",
        OURS + "balancer.bpf.o",
        "balancer",
        List.of("choices=100000"),
        Map.of(),
        List.of(
            new Contents("ring", 65537, ProgramWorkload::bytes, i -> bytes(spread(i) >>> 24)),
            new Contents("servers", 256, ProgramWorkload::bytes, ProgramWorkload::server)),
        Double.NaN);
  }

  private static ProgramWorkload acl() {
    return new ProgramWorkload(
        "stateful ACL, 100k flows",
        OURS + "acl.bpf.o",
        "acl",
        List.of("choices=100000"),
        Map.of(),
        List.of(
            new Contents("services", 1, i -> BenchFrame.service(), i -> bytes(1)),
            new Contents("networks", 256, i -> network(0xc0000000 | i << 16, 16), i -> bytes(1))),
        Double.NaN);
  }

  private static ProgramWorkload lookUp(String map, int entries, IntFunction<byte[]> key) {
    return new ProgramWorkload(
        "map " + map + ", " + short_(entries),
        OURS + "maps.bpf.o",
        "look_up_" + map,
        List.of("choices=" + entries),
        Map.of(map, map.equals("lru") ? entries / 4 * 5 : entries),
        List.of(
            new Contents(
                map,
                entries,
                key,
                i -> ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(1).array())),
        Double.NaN);
  }

  private static String short_(int number) {
    return number >= 1_000_000
        ? number / 1_000_000 + "M"
        : number >= 4096 ? (number + 512) / 1024 + "k" : "" + number;
  }

  /** {@code spread} of bench/programs/rotate.h. */
  private static int spread(int number) {
    return number * 0x9E3779B1;
  }

  /** A number as it lies in memory. */
  private static byte[] bytes(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  /**
   * The route of this number: its address is {@code spread(number)}. Six of ten are /24, three /16
   * to /23, one /25 to /32, as in a table of the Internet with a few routes of one's own.
   */
  private static byte[] prefix(int number) {
    int dice = (number * 0x85EBCA6B ^ number >>> 7) >>> 16;
    int length = dice % 10 < 6 ? 24 : dice % 10 < 9 ? 16 + dice / 10 % 8 : 25 + dice / 10 % 8;
    return network(spread(number) & -1 << 32 - length, length);
  }

  /** The IPv6 route of this number: half are /48, the others /32 to /47, all below 2001::/16. */
  private static byte[] prefix6(int number) {
    int dice = (number * 0x85EBCA6B ^ number >>> 7) >>> 16;
    int length = dice % 10 < 5 ? 48 : 32 + dice / 10 % 16;
    long address = 0x2001L << 48 | Integer.toUnsignedLong(spread(number)) << 16;
    return ByteBuffer.allocate(20)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .order(ByteOrder.BIG_ENDIAN)
        .putLong(address & -1L << 64 - length)
        .array();
  }

  private static byte[] network(int address, int length) {
    return ByteBuffer.allocate(8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .order(ByteOrder.BIG_ENDIAN)
        .putInt(address)
        .array();
  }

  private static byte[] nextHop(int number) {
    byte[] hop = new byte[16];
    hop[0] = hop[6] = 2;
    hop[5] = (byte) number;
    hop[12] = (byte) number;
    return hop;
  }

  private static byte[] server(int number) {
    byte[] server = new byte[12];
    server[0] = 10;
    server[3] = (byte) number;
    server[4] = 2;
    server[9] = (byte) number;
    return server;
  }
}
