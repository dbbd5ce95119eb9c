package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapCommands;
import org.xdp4j.bpf.map.MapCommands.Answer;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelCommands;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/** Entries of device and CPU maps with a program, here and in the kernel. */
class AttachedProgramsTest {
  private static final int ENTRIES = 2;

  /** A file descriptor that nobody has. */
  private static final int NO_DESCRIPTOR = 987_654;

  private static final List<String> PROGRAMS = List.of("plain", "leaves", "arrives");

  @TempDir Path folder;

  private BpfObject build() throws Exception {
    Clang.assume();
    return Clang.build(folder, "attached.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] value(int size, int number, int program) {
    ByteBuffer value = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).putInt(number);
    return (size == 8 ? value.putInt(program) : value).array();
  }

  private static int put(XdpProgram program, BpfMap map, int key, int number) {
    return map instanceof CpuMap cpus
        ? program.putInto(cpus, key, number)
        : program.putInto((DeviceMap) map, key, number);
  }

  /**
   * Every program under every key with every number, and then what is there: same errno, same
   * number, and a program's id where Linux has one. Linux knows no interface of another number than
   * the loopback's; here any could be a port, so those are not asked for.
   */
  @Covers({"DEVMAP", "DEVMAP_HASH", "CPUMAP"})
  @ParameterizedTest
  @CsvSource({
    "DEVMAP, 4",
    "DEVMAP, 8",
    "DEVMAP_HASH, 4",
    "DEVMAP_HASH, 8",
    "CPUMAP, 4",
    "CPUMAP, 8"
  })
  void entriesHoldProgramsAsInLinux(MapType type, int size) throws Exception {
    KernelOracle.assumeAvailable();
    BpfObject object = build();
    MapSpec spec = MapSpec.of("m", type, 4, size, ENTRIES, 0);
    int[] numbers = type == MapType.CPUMAP ? new int[] {0, 1, 16384, 16385, -1} : new int[] {0, 1};
    List<KernelProgram> kernels = new ArrayList<>();
    try (Region region = Region.reserve(1 << 24);
        KernelMap kernelMap = KernelMap.create(spec);
        LoadedObject loaded =
            LoadedObject.load(
                object, region, new LoadOptions(1, false, false, Set.copyOf(PROGRAMS)))) {
      for (String name : PROGRAMS) {
        kernels.add(
            KernelOracle.load(object.program(name).orElseThrow(), List.of(), KernelOracle.LOG_FULL)
                .program());
      }
      KernelCommands kernel = new KernelCommands(kernelMap);
      BpfMap map = MapFactory.create(spec, region, 1);
      MapCommands ours = new MapCommands(map);
      for (int at = 0; at <= ENTRIES; at++) {
        for (int number : numbers) {
          String step = "%s of %d bytes, %d under %d".formatted(type, size, number, at);
          assertThat(ours.update(key(at), value(size, number, 0), 0))
              .as(step)
              .isEqualTo(kernel.update(key(at), value(size, number, 0), 0));
          same(step, ours.lookup(key(at), 0), kernel.lookup(key(at), 0));
          assertThat(ours.update(key(at), value(size, number, NO_DESCRIPTOR), 0))
              .as(step + " with a program that is not there")
              .isEqualTo(kernel.update(key(at), value(size, number, NO_DESCRIPTOR), 0));
          for (int i = 0; size == 8 && number > 0 && i < PROGRAMS.size(); i++) {
            XdpProgram program = loaded.program(PROGRAMS.get(i)).orElseThrow();
            assertThat(put(program, map, at, number))
                .as(step + " with " + PROGRAMS.get(i))
                .isEqualTo(kernel.update(key(at), value(size, number, kernels.get(i).fd()), 0));
            same(
                step + " with " + PROGRAMS.get(i),
                ours.lookup(key(at), 0),
                kernel.lookup(key(at), 0));
          }
        }
        assertThat(ours.delete(key(at))).isEqualTo(kernel.delete(key(at)));
      }
    } finally {
      kernels.forEach(KernelProgram::close);
    }
  }

  private static void same(String step, Answer ours, Answer kernel) {
    assertThat(ours.error()).as(step).isEqualTo(kernel.error());
    if (ours.error() == 0) {
      ByteBuffer mine = ByteBuffer.wrap(ours.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer theirs = ByteBuffer.wrap(kernel.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(mine.getInt()).as(step).isEqualTo(theirs.getInt());
      if (mine.hasRemaining()) {
        assertThat(mine.getInt() != 0).as(step).isEqualTo(theirs.getInt() != 0);
      }
    }
  }

  @Test
  void anEntrySaysWhichProgramItHas() throws Exception {
    BpfObject object = build();
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded =
            LoadedObject.load(
                object, region, new LoadOptions(1, false, false, Set.copyOf(PROGRAMS)))) {
      BpfMap map = MapFactory.create(MapSpec.of("m", MapType.DEVMAP, 4, 8, ENTRIES, 0), region, 1);
      XdpProgram leaves = loaded.program("leaves").orElseThrow();
      assertThat(leaves.putInto((DeviceMap) map, 1, 5)).isZero();
      assertThat(map.get(key(1))).isEqualTo(value(8, 5, leaves.id()));
      assertThat(loaded.program("arrives").orElseThrow().id()).isNotEqualTo(leaves.id());
      BpfMap small =
          MapFactory.create(MapSpec.of("m", MapType.DEVMAP, 4, 4, ENTRIES, 0), region, 1);
      assertThat(leaves.putInto((DeviceMap) small, 1, 5)).isEqualTo(Errno.EINVAL);
    }
  }
}
