package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.bpf.helper.ArgumentGrid.argument;
import static org.xdp4j.bpf.helper.ArgumentGrid.memory;
import static org.xdp4j.bpf.helper.ArgumentGrid.result;
import static org.xdp4j.bpf.helper.ArgumentGrid.resultAddress;
import static org.xdp4j.bpf.oracle.NetworkNamespace.ip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.XskMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.bpf.oracle.XdpSocket;
import org.xdp4j.testing.Covers;

/** Helpers over every combination of arguments at and around their edges, beside the kernel. */
class HelperGridTest {
  private static final int REDIRECT = 23;
  private static final int CSUM_DIFF = 28;
  private static final int ADJUST_HEAD = 44;
  private static final int REDIRECT_MAP = 51;
  private static final int CHECK_MTU = 163;
  private static final int STRNCMP = 182;
  private static final int GEN_SYNCOOKIE = 204;
  private static final int GET_BUFF_LEN = 188;
  private static final int LOAD_BYTES = 189;
  private static final int WHOLE = TestRun.MAX_FRAME;

  /** Each bit alone, each small number, and what is wide. */
  private static final long[] BITS =
      LongStream.concat(
              LongStream.rangeClosed(0, 40),
              LongStream.concat(
                  IntStream.range(5, 64).mapToLong(i -> 1L << i),
                  LongStream.of(-1, 0xFFFFFFFFL, 1L << 32 | 8, 0xFFFFFFFF_00000000L)))
          .toArray();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  private static byte[] packet(int size) {
    byte[] packet = new byte[size];
    new Random(size).nextBytes(packet);
    return packet;
  }

  /** Bounds a register to {@code 0..mask}, as the verifier wants sizes. */
  private static Snippet mask(Snippet s, int register, int mask) {
    return s.add(Opcode.ALU64 | Opcode.AND | Opcode.K, register, 0, 0, mask);
  }

  @Covers("bpf_csum_diff")
  @Test
  void checksumsDifferAsInLinux() throws Exception {
    long[] seeds = {0, 1, 0xFFFF, 0x10000, 0xFFFF0000L, 0xFFFFFFFFL, -1, 0x7FFF8000};
    byte[] ones = new byte[128];
    Arrays.fill(ones, (byte) -1);
    List<byte[]> patterns = List.of(packet(128), ones, new byte[128]);
    try (ArgumentGrid grid =
        new ArgumentGrid(
            "bpf_csum_diff",
            List.of(),
            s -> {
              mask(argument(memory(s, 1, 0), 2, 0), 2, 63);
              mask(argument(memory(s, 3, 64), 4, 1), 4, 63);
              result(argument(s, 5, 2).callOnly(CSUM_DIFF), 0, 0);
              mask(argument(s.set(1, 0).set(2, 0), 4, 1), 4, 63);
              result(argument(memory(s, 3, 64), 5, 2).callOnly(CSUM_DIFF), 0, 1);
              mask(argument(memory(s, 1, 0), 2, 0), 2, 63);
              result(argument(s.set(3, 0).set(4, 0), 5, 2).callOnly(CSUM_DIFF), 0, 2);
            })) {
      int[] sizes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 16, 20, 31, 32, 33, 40, 60, 62, 63};
      for (byte[] pattern : patterns) {
        grid.memory(pattern);
        for (int from : sizes) {
          for (int to : sizes) {
            for (long seed : seeds) {
              grid.run(new byte[14], WHOLE, from, to, seed);
            }
          }
        }
      }
      grid.check();
    }
  }

  @Covers("bpf_redirect")
  @Test
  void aRedirectTakesWhatLinuxTakes() throws Exception {
    try (ArgumentGrid grid =
        new ArgumentGrid(
            "bpf_redirect",
            List.of(),
            s -> result(argument(argument(s, 1, 0), 2, 1).callOnly(REDIRECT), 0, 0))) {
      for (long ifindex : new long[] {0, 1, 2, 77, -1, 0x80000000L, 1L << 32, 1L << 32 | 1}) {
        for (long flags : BITS) {
          grid.run(new byte[60], WHOLE, ifindex, flags);
        }
      }
      grid.check();
    }
  }

  @Covers({"bpf_redirect_map", "DEVMAP", "DEVMAP_HASH", "CPUMAP", "XSKMAP"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"DEVMAP", "DEVMAP_HASH", "CPUMAP", "XSKMAP"})
  void redirectsThroughMapsTakeWhatLinuxTakes(MapType type) throws Exception {
    int entries = Math.min(4, Math.max(2, KernelOracle.possibleCpus()));
    MapSpec spec = MapSpec.of("targets", type, 4, 4, entries, 0);
    try (ArgumentGrid grid =
            new ArgumentGrid(
                "bpf_redirect_map " + type,
                List.of(spec),
                s -> {
                  argument(argument(s.map(1, 2), 2, 0), 3, 1).callOnly(REDIRECT_MAP);
                  result(s, 0, 0);
                  argument(argument(s.map(1, 2), 2, 2), 3, 3).callOnly(REDIRECT_MAP);
                  result(s, 0, 1);
                });
        XdpSocket socket = XdpSocket.open()) {
      long[] keys = {0, 1, 2, 3, 4, 77, -1, 1L << 31, 1L << 32, 1L << 32 | 1, 1L << 32 | 77};
      for (int filled = 0; filled < 3; filled++) {
        for (long key : keys) {
          for (long flags : BITS) {
            grid.run(new byte[60], WHOLE, key, flags, keys[(int) (flags & 7)], flags >>> 1);
          }
        }
        fill(grid, type, filled == 0 ? 1 : 77, socket);
      }
      grid.check();
    }
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  /** The same target under {@code key}, where it may have one. */
  private static void fill(ArgumentGrid grid, MapType type, int key, XdpSocket socket) {
    byte[] at = number(key);
    byte[] target = number(1);
    if (type == MapType.XSKMAP) {
      if (socket != null) {
        int theirs = grid.kernel("targets").update(at, number(socket.fd()), 0);
        for (BpfMap map : grid.ours("targets")) {
          assertThat(((XskMap) map).set(key, new Object(), 0)).isEqualTo(theirs);
        }
      }
      return;
    }
    int theirs = grid.kernel("targets").update(at, target, 0);
    for (BpfMap map : grid.ours("targets")) {
      assertThat(map.put(at, target, BpfMap.ANY)).isEqualTo(theirs);
    }
  }

  @Covers({"bpf_xdp_adjust_head", "bpf_xdp_adjust_meta", "bpf_xdp_adjust_tail"})
  @ParameterizedTest
  @CsvSource({
    "44, 44", "44, 54", "44, 65", "54, 44", "54, 54", "54, 65", "65, 44", "65, 54", "65, 65"
  })
  void aFrameMovesTwiceAsInLinux(int first, int second) throws Exception {
    int[] deltas = {
      0,
      1,
      -1,
      2,
      -2,
      3,
      -3,
      4,
      -4,
      5,
      -8,
      8,
      13,
      14,
      -14,
      32,
      -32,
      45,
      46,
      47,
      48,
      -200,
      -212,
      -215,
      -216,
      -217,
      -240,
      -252,
      -255,
      -256,
      -257,
      3455,
      3456,
      3457,
      3520,
      3521,
      Integer.MAX_VALUE,
      Integer.MIN_VALUE
    };
    try (ArgumentGrid grid = moves(first, second)) {
      for (int size : new int[] {14, 60, 1500, WHOLE}) {
        byte[] packet = packet(size);
        for (int a : deltas) {
          for (int b : deltas) {
            grid.run(packet, WHOLE, a, b);
          }
        }
      }
      grid.check();
    }
  }

  @Covers({"bpf_xdp_adjust_head", "bpf_xdp_adjust_meta", "bpf_xdp_adjust_tail"})
  @ParameterizedTest
  @ValueSource(ints = {44, 54, 65})
  void aFrameOfOneOrMoreBuffersMovesByAnyNumberAsInLinux(int helper) throws Exception {
    try (ArgumentGrid grid = moves(helper, GET_BUFF_LEN)) {
      byte[] small = packet(64);
      byte[] large = packet(WHOLE + 4096 + 100);
      for (int by = -300; by <= 300; by++) {
        grid.run(small, WHOLE, by, 0);
        grid.run(small, 20, by, 0);
        grid.run(large, WHOLE, by, 0);
      }
      for (int near : new int[] {WHOLE, 4096, large.length, 4096 + 100, 100, 4096 - 100}) {
        for (int by = near - 20; by <= near + 20; by++) {
          grid.run(small, WHOLE, by, 0);
          grid.run(large, WHOLE, -by, 0);
          grid.run(large, WHOLE, by, 0);
        }
      }
      for (int i = 0; i < 32; i++) {
        grid.run(small, WHOLE, 1L << i, 0);
        grid.run(large, WHOLE, -1L << i, 0);
        grid.run(small, WHOLE, 1L << 32 | 1L << i, 0);
      }
      grid.check();
    }
  }

  /** Two moves, what they return, and the length after each. */
  private static ArgumentGrid moves(int first, int second) throws Exception {
    return new ArgumentGrid(
        "helpers " + first + ", " + second,
        List.of(),
        s -> {
          result(argument(s.move(1, 6), 2, 0).callOnly(first), 0, 0);
          result(s.move(1, 6).callOnly(GET_BUFF_LEN), 0, 1);
          result(argument(s.move(1, 6), 2, 1).callOnly(second), 0, 2);
          result(s.move(1, 6).callOnly(GET_BUFF_LEN), 0, 3);
        });
  }

  @Covers({"bpf_xdp_load_bytes", "bpf_xdp_store_bytes"})
  @ParameterizedTest
  @ValueSource(ints = {LOAD_BYTES, LOAD_BYTES + 1})
  void bytesOfOneOrMoreBuffersAreCopiedAsInLinux(int helper) throws Exception {
    try (ArgumentGrid grid =
        new ArgumentGrid(
            "helper " + helper,
            List.of(),
            s -> {
              argument(argument(s.move(1, 6), 2, 0), 4, 1);
              mask(s, 4, 63).add(Opcode.ALU64 | Opcode.ADD | Opcode.K, 4, 0, 0, 1);
              if (helper == LOAD_BYTES) {
                resultAddress(s, 3, 8);
              } else {
                memory(s, 3, 0);
              }
              result(s.callOnly(helper), 0, 0);
            })) {
      grid.memory(packet(128));
      copies(grid, packet(64), WHOLE);
      copies(grid, packet(64), 30);
      copies(grid, packet(WHOLE + 4096 + 50), WHOLE);
      copies(grid, packet(TestRun.MAX_FRAGMENTED), WHOLE);
      grid.check();
    }
  }

  private static void copies(ArgumentGrid grid, byte[] packet, int linear) {
    int first = Math.min(linear, packet.length);
    long[] around = {0, first, first + 4096, packet.length, 0xFFFF, 0x10000, 1L << 32, 1L << 31};
    for (long near : around) {
      for (int by : new int[] {-65, -64, -33, -2, -1, 0, 1, 2, 17}) {
        for (int length : new int[] {0, 1, 2, 3, 7, 15, 16, 31, 32, 33, 62, 63}) {
          grid.run(packet, linear, near + by, length);
        }
      }
    }
  }

  @Covers("bpf_strncmp")
  @ParameterizedTest
  @ValueSource(strings = {"", "a", "abc", "abc\0x", "\u00ff\u0080", "abcdefghijklmnopqrstuvwxyz"})
  void stringsCompareAsInLinux(String text) throws Exception {
    byte[] constant = (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
    MapSpec strings =
        MapSpec.of("strings", MapType.ARRAY, 4, constant.length, 1, MapSpec.F_RDONLY_PROG)
            .withData(constant)
            .withFrozen(true);
    try (ArgumentGrid grid =
        new ArgumentGrid(
            "bpf_strncmp '" + text + "'",
            List.of(strings),
            s -> {
              mask(argument(memory(s, 1, 0), 2, 0), 2, 63);
              s.add(Opcode.ALU64 | Opcode.ADD | Opcode.K, 2, 0, 0, 1);
              result(s.mapValue(3, 2, 0).callOnly(STRNCMP), 0, 0);
            })) {
      Random random = new Random(182);
      for (int round = 0; round < 60; round++) {
        byte[] other = new byte[128];
        System.arraycopy(constant, 0, other, 0, constant.length);
        for (int changes = random.nextInt(3); changes > 0; changes--) {
          int at = random.nextInt(Math.min(constant.length + 2, 64));
          other[at] = (byte) (random.nextBoolean() ? other[at] + 1 : random.nextInt());
        }
        grid.memory(other);
        for (int size = 0; size < 64; size += size < constant.length + 2 ? 1 : 9) {
          grid.run(new byte[14], WHOLE, size);
        }
      }
      grid.check();
    }
  }

  @Covers("bpf_check_mtu")
  @Test
  void mtusAreCheckedAsInLinux() throws Exception {
    NetworkNamespace.run(
        () -> {
          ip("link set lo up");
          ip("link add d10 index 10 type veth peer p10");
          ip("link set d10 mtu 1400 up");
          TableRouting tables = new TableRouting();
          tables.link(new Routing.Link(1, 0, 65536, 14, false, false));
          tables.link(new Routing.Link(10, 0, 1400, 14, true, true));
          try (ArgumentGrid grid =
              new ArgumentGrid(
                  "bpf_check_mtu",
                  List.of(),
                  s -> {
                    argument(s, 1, 1).add(Opcode.STX | Opcode.MEM | Opcode.W, 10, 1, -4, 0);
                    argument(argument(argument(s.move(1, 6), 2, 0), 4, 2), 5, 3).stack(3, -4);
                    result(s.callOnly(CHECK_MTU), 0, 0);
                    s.add(Opcode.LDX | Opcode.MEM | Opcode.W, 1, 10, -4, 0);
                    result(s, 1, 1);
                  })) {
            grid.routing(tables);
            for (int size : new int[] {60, 1414, 1415, WHOLE + 500}) {
              mtus(grid, packet(size));
            }
            grid.check();
          }
        });
  }

  private static void mtus(ArgumentGrid grid, byte[] packet) {
    long[] changes = {
      0,
      1,
      -1,
      1386,
      1387,
      1340,
      1354,
      1355,
      64136,
      64137,
      -2000,
      1L << 31,
      (1L << 31) - 1,
      1L << 32
    };
    for (long ifindex : new long[] {0, 1, 10, 11, 99, -1, 1L << 32 | 10}) {
      for (long length : new long[] {0, 1, 1399, 1400, 1401, 65536, 65537, 1L << 31, -1}) {
        for (long change : changes) {
          for (long flags : new long[] {0, 1, 2, 4, 1L << 32}) {
            grid.run(packet, WHOLE, ifindex, length, change, flags);
          }
        }
      }
    }
  }

  @Covers({
    "bpf_tcp_raw_gen_syncookie_ipv4",
    "bpf_tcp_raw_gen_syncookie_ipv6",
    "bpf_tcp_raw_check_syncookie_ipv4",
    "bpf_tcp_raw_check_syncookie_ipv6"
  })
  @ParameterizedTest
  @ValueSource(ints = {GEN_SYNCOOKIE, GEN_SYNCOOKIE + 1})
  void whatAnswersACookieIsKnownAsInLinux(int make) throws Exception {
    try (ArgumentGrid grid =
        new ArgumentGrid("SYN cookies, helper " + make, List.of(), s -> cookie(s, make))) {
      Random random = new Random(make);
      int[] nears = {0, 1, -1, 2, -2, 3, -3, 4, -4, 5, 1 << 24, -(1 << 24), 1 << 25, 1 << 31};
      for (int mss : new int[] {0, 1, 535, 536, 1219, 1220, 1299, 1300, 1440, 1460, 8940, 65535}) {
        byte[] headers = new byte[128];
        random.nextBytes(headers);
        headers[40 + 12] = 6 << 4;
        byte[] option = {2, 4, (byte) (mss >> 8), (byte) mss};
        System.arraycopy(option, 0, headers, 60, 4);
        for (int sequence : nears) {
          for (int acknowledged : nears) {
            grid.memory(headers).run(new byte[14], WHOLE, sequence, acknowledged, 0, 0);
          }
        }
        for (int port : new int[] {0, 1, 0x100}) {
          for (int address : new int[] {0, 1, 1 << 31}) {
            grid.memory(headers).run(new byte[14], WHOLE, 0, 0, port, address);
          }
        }
      }
      grid.check();
    }
  }

  /** Makes a cookie, the ACK that answers it with what the arguments change, and checks it. */
  private static void cookie(Snippet s, int make) {
    int toNetwork = Opcode.ALU | Opcode.END | Opcode.X;
    int add = Opcode.ALU64 | Opcode.ADD | Opcode.X;
    int addOne = Opcode.ALU64 | Opcode.ADD | Opcode.K;
    int load = Opcode.LDX | Opcode.MEM | Opcode.W;
    int store = Opcode.STX | Opcode.MEM | Opcode.W;
    int tcp = ArgumentGrid.MEMORY + 40;
    memory(memory(s, 1, 0), 2, 40).set(3, 24).callOnly(make).move(7, 0);
    s.move(1, 7).add(Opcode.ALU64 | Opcode.RSH | Opcode.K, 1, 0, 0, 32);
    result(s, 1, 0);
    argument(s, 1, 0).add(load, 2, 8, tcp + 4, 0).add(toNetwork, 2, 0, 0, 32);
    s.add(addOne, 2, 0, 0, 1).add(add, 2, 1, 0, 0).add(toNetwork, 2, 0, 0, 32);
    s.add(store, 8, 2, tcp + 4, 0);
    argument(s, 1, 1).add(add, 1, 7, 0, 0).add(addOne, 1, 0, 0, 1).add(toNetwork, 1, 0, 0, 32);
    s.add(store, 8, 1, tcp + 8, 0);
    argument(s, 1, 2).add(load, 2, 8, tcp, 0).add(Opcode.ALU64 | Opcode.XOR | Opcode.X, 2, 1, 0, 0);
    s.add(store, 8, 2, tcp, 0);
    int source = ArgumentGrid.MEMORY + 12;
    argument(s, 1, 3)
        .add(load, 2, 8, source, 0)
        .add(Opcode.ALU64 | Opcode.XOR | Opcode.X, 2, 1, 0, 0);
    s.add(store, 8, 2, source, 0);
    result(memory(memory(s, 1, 0), 2, 40).callOnly(make + 2), 0, 1);
    s.set(7, 0);
  }
}
