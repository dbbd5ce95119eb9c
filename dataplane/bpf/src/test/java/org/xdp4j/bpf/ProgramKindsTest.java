package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.testing.Covers;

/** Programs that use a map which programs stand in, and those in it, are of one kind. */
class ProgramKindsTest {
  private static final LoadOptions OPTIONS = new LoadOptions(1, true, false, Set.of());
  private static final byte[] FIRST = new byte[4];

  private final Region region = Region.reserve(1 << 26);

  @AfterEach
  void close() {
    region.close();
  }

  /** Every kind of program, one that only runs and one that names map 0. */
  private static List<BpfProgram> programs(boolean uses) throws Exception {
    List<BpfProgram> programs = new ArrayList<>();
    for (ProgramType type : ProgramType.values()) {
      for (boolean frags : new boolean[] {false, true}) {
        if (type.isXdp()) {
          programs.add(program("program", type, frags, uses));
        }
      }
    }
    return programs;
  }

  private static BpfProgram program(String name, ProgramType type, boolean frags, boolean uses)
      throws Exception {
    BpfProgram plain =
        BpfProgram.of(Assembler.assemble((uses ? "r1 = map[0] ll\n" : "") + "r0 = 2\nexit\n"));
    return new BpfProgram(
        name, "xdp", type, frags, plain.instructions(), plain.subprograms(), List.of(), true, null);
  }

  private static MapSpec spec(MapType type) {
    return MapSpec.of("m", type, 4, type == MapType.PROG_ARRAY ? 4 : 8, 1, 0);
  }

  private static BpfObject object(MapSpec spec, BpfProgram... programs) {
    return new BpfObject("kinds.o", List.of(programs), List.of(spec), Btf.EMPTY, "GPL");
  }

  /** A map here and in the kernel, and what was loaded and put into it. */
  private final class Pair implements AutoCloseable {
    private final BpfMap ours;
    private final KernelMap theirs;
    private final List<Runnable> closing = new ArrayList<>();

    Pair(MapType type) throws Exception {
      ours = MapFactory.create(spec(type), region, 1);
      theirs = KernelMap.create(spec(type));
    }

    void use(BpfProgram program, String what) throws Exception {
      KernelOracle.Verdict verdict =
          KernelOracle.load(program, List.of(theirs), KernelOracle.LOG_NONE);
      if (verdict.accepted()) {
        closing.add(verdict.program()::close);
      }
      String refused = "";
      try {
        LoadOptions options = OPTIONS.reuse("m", ours);
        closing.add(LoadedObject.load(object(ours.spec(), program), region, options)::close);
      } catch (LoadException e) {
        refused = e.getMessage();
      }
      assertThat(refused.isEmpty()).as(what + refused).isEqualTo(verdict.accepted());
    }

    void put(BpfProgram program, String what) throws Exception {
      KernelProgram kernel = KernelOracle.load(program, List.of(), KernelOracle.LOG_NONE).program();
      closing.add(kernel::close);
      LoadedObject loaded = LoadedObject.load(object(ours.spec(), program), region, OPTIONS);
      closing.add(loaded::close);
      XdpProgram own = loaded.programs().getFirst();
      int got =
          switch (ours) {
            case ProgramArrayMap array -> own.putInto(array, 0);
            case CpuMap cpus -> own.putInto(cpus, 0, 16);
            default -> own.putInto((DeviceMap) ours, 0, 1);
          };
      assertThat(got).as(what).isEqualTo(theirs.update(FIRST, value(kernel.fd()), 0));
    }

    private byte[] value(int program) {
      ByteBuffer value =
          ByteBuffer.allocate(ours.spec().valueSize()).order(ByteOrder.LITTLE_ENDIAN);
      if (ours instanceof CpuMap || ours instanceof DeviceMap) {
        value.putInt(ours instanceof CpuMap ? 16 : 1);
      }
      return value.putInt(program).array();
    }

    @Override
    public void close() {
      ours.remove(FIRST);
      theirs.delete(FIRST);
      closing.forEach(Runnable::run);
      ours.release();
      theirs.close();
    }
  }

  @Covers({"PROG_ARRAY", "DEVMAP", "DEVMAP_HASH", "CPUMAP"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"PROG_ARRAY", "DEVMAP", "DEVMAP_HASH", "CPUMAP"})
  void theFirstProgramOfAMapSaysWhichOthersItTakesAsInLinux(MapType type) throws Exception {
    KernelOracle.assumeAvailable();
    for (BpfProgram first : programs(true)) {
      for (int i = 0; i < programs(true).size(); i++) {
        BpfProgram user = programs(true).get(i);
        BpfProgram member = programs(false).get(i);
        String what = "%s of %s, then %s: ".formatted(type, first.kind(), user.kind());
        try (Pair map = new Pair(type)) {
          map.use(first, what);
          map.use(user, what);
          map.put(member, what);
        }
        try (Pair map = new Pair(type)) {
          map.put(programs(false).get(programs(true).indexOf(first)), what);
          map.put(member, what);
          map.use(user, what);
        }
      }
    }
  }

  @Test
  void anObjectsOwnArrayIsFilledWithProgramsOfItsKindOnly() throws Exception {
    MapSpec jumps = spec(MapType.PROG_ARRAY).withSlots(List.of(new MapSpec.Slot(0, "next")));
    BpfProgram main = program("main", ProgramType.XDP, false, true);
    long before = region.free();
    BpfObject frags = object(jumps, program("next", ProgramType.XDP, true, false), main);
    assertThatThrownBy(() -> LoadedObject.load(frags, region, OPTIONS))
        .isInstanceOf(LoadException.class)
        .hasMessage(
            "kinds.o: map m cannot hold program next at 0: the program is xdp.frags, and the first"
                + " to use the map was xdp (EINVAL)");
    BpfObject leaves = object(jumps, program("next", ProgramType.XDP_DEVMAP, false, false), main);
    assertThatThrownBy(() -> LoadedObject.load(leaves, region, OPTIONS))
        .hasMessage(
            "kinds.o: map m cannot hold program next at 0: the program is xdp/devmap, and the first"
                + " to use the map was xdp (EINVAL)");
    BpfObject two = object(jumps, main, program("next", ProgramType.XDP, true, true));
    assertThatThrownBy(() -> LoadedObject.load(two, region, OPTIONS))
        .hasMessage(
            "kinds.o: program next cannot use map m: the program is xdp.frags, and the first to use"
                + " the map was xdp (EINVAL)");
    MapSpec beyond = jumps.withSlots(List.of(new MapSpec.Slot(1, "next")));
    BpfObject few = object(beyond, program("next", ProgramType.XDP, false, false), main);
    assertThatThrownBy(() -> LoadedObject.load(few, region, OPTIONS))
        .hasMessage(
            "kinds.o: map m cannot hold program next at 1: the map has room for 1 entries (E2BIG)");
    assertThat(region.free()).isEqualTo(before);
    BpfObject good = object(jumps, program("next", ProgramType.XDP, false, false), main);
    LoadedObject.load(good, region, OPTIONS).close();
    assertThat(region.free()).isEqualTo(before);
  }
}
