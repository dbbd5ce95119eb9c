package org.xdp4j.bpf.helper;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/**
 * One of each kind of value a program can hold, to be given to every argument of every helper.
 *
 * <pre>
 *  r6  context        r8  what a right argument had to acquire      r9  the value to try
 *  fp - 128 ... fp - 1 zeros     below: never written
 * </pre>
 */
final class ArgumentCatalog {
  /** A value: how to make it in r9, and what must be called to give it back. */
  record Value(String name, Consumer<Snippet> make, Release release) {}

  /** How what a program acquired is given back. */
  enum Release {
    NOTHING,
    RECORD,
    SOCKET
  }

  static final int STACK_ZEROED = 128;
  private static final int JNE = Opcode.JMP | Opcode.JNE | Opcode.K;
  private static final int JGT = Opcode.JMP | Opcode.JGT | Opcode.X;
  private static final int LOAD = Opcode.LDX | Opcode.MEM | Opcode.W;
  private static final int ADD = Opcode.ALU64 | Opcode.ADD | Opcode.K;
  private static final int AND = Opcode.ALU64 | Opcode.AND | Opcode.K;

  private final List<MapSpec> maps = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();

  ArgumentCatalog() {
    declareMaps();
    scalars();
    stack();
    packet();
    mapValues();
    resources();
    for (int i = 0; i < maps.size(); i++) {
      int index = i;
      value("map " + maps.get(i).name(), s -> s.map(9, index));
    }
  }

  List<MapSpec> maps() {
    return maps;
  }

  List<Value> values() {
    return values;
  }

  /** The first map of one of these types; -1 when there is none. */
  int map(HelperSpec helper) {
    for (int i = 0; i < maps.size(); i++) {
      if (helper.mapTypes().contains(maps.get(i).type())) {
        return i;
      }
    }
    return -1;
  }

  private void declareMaps() {
    maps.add(MapSpec.of("array", MapType.ARRAY, 4, 64, 1, 0));
    maps.add(data("string", "text %d\0", true));
    maps.add(data("endless", "text", true));
    maps.add(MapSpec.of("rdonly", MapType.ARRAY, 4, 64, 1, MapSpec.F_RDONLY_PROG));
    maps.add(MapSpec.of("wronly", MapType.ARRAY, 4, 64, 1, MapSpec.F_WRONLY_PROG));
    maps.add(MapSpec.of("hash", MapType.HASH, 4, 64, 4, 0));
    maps.add(MapSpec.of("percpu", MapType.PERCPU_ARRAY, 4, 64, 1, 0));
    maps.add(MapSpec.of("lru", MapType.LRU_PERCPU_HASH, 4, 64, 64, 0));
    maps.add(MapSpec.of("trie", MapType.LPM_TRIE, 8, 64, 4, MapSpec.F_NO_PREALLOC));
    maps.add(MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 4, 0));
    maps.add(MapSpec.of("events", MapType.PERF_EVENT_ARRAY, 4, 4, 4, 0));
    maps.add(MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096, 0));
    maps.add(MapSpec.of("devices", MapType.DEVMAP, 4, 4, 4, 0));
    maps.add(MapSpec.of("cpus", MapType.CPUMAP, 4, 4, 2, 0));
    maps.add(MapSpec.of("sockets", MapType.XSKMAP, 4, 4, 4, 0));
    maps.add(MapSpec.of("queue", MapType.QUEUE, 0, 64, 4, 0));
    maps.add(MapSpec.of("bloom", MapType.BLOOM_FILTER, 0, 64, 4, 0));
  }

  private static MapSpec data(String name, String text, boolean frozen) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return MapSpec.of(name, MapType.ARRAY, 4, bytes.length, 1, MapSpec.F_RDONLY_PROG)
        .withData(bytes)
        .withFrozen(frozen);
  }

  private void value(String name, Consumer<Snippet> make) {
    values.add(new Value(name, make, Release.NOTHING));
  }

  private void scalars() {
    for (int constant : new int[] {0, 1, 4, 8, 24, 64, 65, 128, 129, 1 << 29, -1}) {
      value("the number " + constant, s -> s.set(9, constant));
    }
    value("a large number", s -> s.setLong(9, 1L << 40));
    value("any 32 bits", s -> s.add(LOAD, 9, 6, 12, 0));
    value("0 to 7", s -> s.add(LOAD, 9, 6, 12, 0).add(AND, 9, 0, 0, 7));
    value("1 to 8", s -> s.add(LOAD, 9, 6, 12, 0).add(AND, 9, 0, 0, 7).add(ADD, 9, 0, 0, 1));
    value("-4 to 3", s -> s.add(LOAD, 9, 6, 12, 0).add(AND, 9, 0, 0, 7).add(ADD, 9, 0, 0, -4));
  }

  private void stack() {
    value("context", s -> s.move(9, 6));
    value("context + 4", s -> s.move(9, 6).add(ADD, 9, 0, 0, 4));
    for (int at : new int[] {0, -1, -4, -8, -64, -62, -60, -128, -132, -200, -512, -520}) {
      value("fp " + at, s -> s.stack(9, at));
    }
    value(
        "fp - 64 + 0 to 7",
        s ->
            s.add(LOAD, 1, 6, 12, 0)
                .add(AND, 1, 0, 0, 7)
                .stack(9, -64)
                .add(Opcode.ALU64 | Opcode.ADD | Opcode.X, 9, 1, 0, 0));
  }

  private void packet() {
    value("unchecked packet", s -> s.add(LOAD, 9, 6, 0, 0));
    value("packet end", s -> s.add(LOAD, 9, 6, 4, 0));
    value("metadata", s -> s.add(LOAD, 9, 6, 8, 0));
    for (int bytes : new int[] {7, 8, 64}) {
      value(
          bytes + " bytes of packet",
          s ->
              s.add(LOAD, 9, 6, 0, 0)
                  .add(LOAD, 1, 6, 4, 0)
                  .move(2, 9)
                  .add(ADD, 2, 0, 0, bytes)
                  .add(JGT, 2, 1, 1, 0)
                  .add(Opcode.JMP | Opcode.JA, 0, 0, 2, 0)
                  .set(0, 0)
                  .add(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0));
    }
  }

  private void mapValues() {
    value("map value", s -> s.mapValue(9, 0, 0));
    value("map value + 60", s -> s.mapValue(9, 0, 60));
    value("map value + 2", s -> s.mapValue(9, 0, 2));
    value("string", s -> s.mapValue(9, 1, 0));
    value("end of string", s -> s.mapValue(9, 1, 7));
    value("endless string", s -> s.mapValue(9, 2, 0));
    value("read-only value", s -> s.mapValue(9, 3, 0));
    value("write-only value", s -> s.mapValue(9, 4, 0));
    value(
        "map value or NULL",
        s -> s.map(1, 5).stack(2, -64).callOnly(HelperSpec.MAP_LOOKUP_ELEM).move(9, 0));
  }

  private void resources() {
    values.add(
        new Value(
            "reserved record",
            s -> {
              record(s, 9);
              leaveIfNull(s, 9);
            },
            Release.RECORD));
    values.add(new Value("reserved record or NULL", s -> record(s, 9), Release.RECORD));
    for (int helper : new int[] {84, 99}) {
      String name = helper == 84 ? "socket" : "common socket";
      values.add(
          new Value(
              name,
              s -> {
                socket(s, 9, helper);
                leaveIfNull(s, 9);
              },
              Release.SOCKET));
      values.add(new Value(name + " or NULL", s -> socket(s, 9, helper), Release.SOCKET));
    }
  }

  /** r = bpf_ringbuf_reserve(ring, 64, 0). */
  void record(Snippet s, int register) {
    s.map(1, 11).set(2, 64).set(3, 0).callOnly(131).move(register, 0);
  }

  /** r = bpf_sk_lookup_tcp(ctx, tuple, 12, BPF_F_CURRENT_NETNS, 0). */
  void socket(Snippet s, int register, int helper) {
    s.move(1, 6).stack(2, -64).set(3, 12).set(4, -1).set(5, 0).callOnly(helper).move(register, 0);
  }

  /** if (!r) return 0. */
  static void leaveIfNull(Snippet s, int register) {
    s.add(JNE, register, 0, 2, 0).set(0, 0).add(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0);
  }

  /** Gives back what {@code register} holds, unless it is NULL. */
  static void release(Snippet s, int register, Release how) {
    switch (how) {
      case NOTHING -> {}
      case RECORD ->
          s.add(Opcode.JMP | Opcode.JEQ | Opcode.K, register, 0, 3, 0)
              .move(1, register)
              .set(2, 0)
              .callOnly(133);
      case SOCKET ->
          s.add(Opcode.JMP | Opcode.JEQ | Opcode.K, register, 0, 2, 0)
              .move(1, register)
              .callOnly(86);
    }
  }
}
