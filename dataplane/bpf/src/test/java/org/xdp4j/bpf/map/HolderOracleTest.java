package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.MapCommands.Answer;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelCommands;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.XdpSocket;
import org.xdp4j.testing.Covers;

/**
 * Maps that hold programs, maps and sockets, against the kernel's, which are given descriptors
 * where ours are given the objects: same errors, and the same object in each place.
 */
class HolderOracleTest {
  private static final int OPERATIONS = 3000;
  private static final int ENTRIES = 4;

  private static int compared;

  private final Region region = Region.reserve(1 << 22);
  private final Random random = new Random(11);

  /** Which object a number that the kernel gave for it means, and ours. */
  private final Map<Integer, Integer> kernelNumbers = new HashMap<>();

  private final Map<Integer, Integer> ourNumbers = new HashMap<>();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    region.close();
  }

  @AfterAll
  static void count() {
    System.out.println(
        "maps of programs, maps and sockets and the kernel: " + compared + " operations");
  }

  /** Puts the object of this number under a key, in both: the errnos. */
  private interface Put {
    int[] put(byte[] key, int object, long flags);
  }

  private void agree(BpfMap map, KernelCommands kernel, int objects, boolean readable, Put put) {
    MapCommands ours = new MapCommands(map);
    int[] inSlot = new int[64];
    for (int i = 0; i < OPERATIONS; i++, compared++) {
      byte[] key = BpfMap.indexKey(random.nextInt(ENTRIES + 2));
      String step = "%s step %d".formatted(map.spec().type(), i);
      switch (random.nextInt(5)) {
        case 0 -> assertThat(ours.delete(key)).as(step).isEqualTo(kernel.delete(key));
        case 1 -> {
          Answer expected = kernel.lookup(key, 0);
          Answer actual = ours.lookup(key, 0);
          assertThat(actual.error()).as(step).isEqualTo(expected.error());
          if (actual.error() == 0 && readable) {
            int object = inSlot[key[0]];
            assertThat(kernelNumbers.putIfAbsent(number(expected), object))
                .as(step)
                .isIn(null, object);
            assertThat(ourNumbers.putIfAbsent(number(actual), object)).as(step).isIn(null, object);
          }
        }
        case 2 -> {
          byte[] from = random.nextInt(3) == 0 ? null : key;
          if (map.hashed() == null) {
            Answer expected = kernel.nextKey(from);
            Answer actual = ours.nextKey(from);
            assertThat(actual.error()).as(step).isEqualTo(expected.error());
            assertThat(actual.bytes()).as(step).isEqualTo(expected.bytes());
          }
        }
        default -> {
          int object = random.nextInt(objects);
          long flags = random.nextInt(4) == 0 ? random.nextInt(-1, 4) : 0;
          int[] errors = put.put(key, object, flags);
          assertThat(errors[0]).as(step + " object " + object).isEqualTo(errors[1]);
          if (errors[0] == 0) {
            inSlot[key[0]] = object;
          }
        }
      }
    }
  }

  private static int number(Answer answer) {
    return ArrayOfMaps.number(answer.bytes());
  }

  @Covers({"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void mapsOfMapsHoldTheSame(MapType type) throws MapException {
    MapSpec shape = MapSpec.of("inner", MapType.HASH, 4, 8, 5, 0);
    MapSpec spec = MapSpec.of("m", type, 4, 4, ENTRIES, 0).withInner(shape);
    List<MapSpec> shapes =
        List.of(
            shape,
            MapSpec.of("b", MapType.HASH, 4, 8, 9, 0),
            MapSpec.of("c", MapType.HASH, 4, 8, 5, 1),
            MapSpec.of("d", MapType.ARRAY, 4, 8, 5, 0),
            MapSpec.of("e", MapType.HASH, 8, 8, 5, 0),
            MapSpec.of("f", MapType.HASH, 4, 4, 5, 0));
    BpfMap map = MapFactory.create(spec, region, 1);
    List<KernelMap> inner = shapes.stream().map(KernelMap::create).toList();
    BpfMap[] ours = new BpfMap[shapes.size()];
    for (int i = 0; i < ours.length; i++) {
      ours[i] = MapFactory.create(shapes.get(i), region, 1);
    }
    try (KernelMap outer = KernelMap.create(spec)) {
      KernelCommands kernel = new KernelCommands(outer);
      agree(
          map,
          kernel,
          ours.length,
          true,
          (key, object, flags) ->
              new int[] {
                ((InnerMaps) map).set(key, ours[object], flags),
                kernel.update(key, BpfMap.indexKey(inner.get(object).fd()), flags)
              });
    } finally {
      inner.forEach(KernelMap::close);
    }
  }

  @Covers("PROG_ARRAY")
  @Test
  void programArraysHoldTheSame() throws MapException {
    MapSpec spec = MapSpec.of("m", MapType.PROG_ARRAY, 4, 4, ENTRIES, 0);
    ProgramArrayMap map = (ProgramArrayMap) MapFactory.create(spec, region, 1);
    BpfProgram program = BpfProgram.of(Assembler.assemble("r0 = 2\nexit\n"));
    MapProgram[] ours = {
      AnyProgram.of((context, frame) -> 1), AnyProgram.of((context, frame) -> 2)
    };
    try (KernelMap array = KernelMap.create(spec);
        KernelProgram one = KernelOracle.load(program, List.of(), KernelOracle.LOG_NONE).program();
        KernelProgram two =
            KernelOracle.load(program, List.of(), KernelOracle.LOG_NONE).program()) {
      KernelCommands kernel = new KernelCommands(array);
      int[] fds = {one.fd(), two.fd()};
      agree(
          map,
          kernel,
          2,
          false,
          (key, object, flags) ->
              new int[] {
                map.set(ArrayOfMaps.number(key), ours[object], flags),
                kernel.update(key, BpfMap.indexKey(fds[object]), flags)
              });
    }
  }

  @Covers("XSKMAP")
  @Test
  void xskMapsHoldTheSame() throws MapException {
    MapSpec spec = MapSpec.of("m", MapType.XSKMAP, 4, 4, ENTRIES, 0);
    XskMap map = (XskMap) MapFactory.create(spec, region, 1);
    Object[] ours = {new Object(), new Object()};
    try (KernelMap sockets = KernelMap.create(spec);
        XdpSocket one = XdpSocket.open();
        XdpSocket two = XdpSocket.open()) {
      Assumptions.assumeTrue(one != null && two != null, "this kernel has no AF_XDP sockets");
      KernelCommands kernel = new KernelCommands(sockets);
      int[] fds = {one.fd(), two.fd()};
      agree(
          map,
          kernel,
          2,
          false,
          (key, object, flags) ->
              new int[] {
                map.set(ArrayOfMaps.number(key), ours[object], flags),
                kernel.update(key, BpfMap.indexKey(fds[object]), flags)
              });
    }
  }
}
