package org.xdp4j.bpf.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.generate.ProgramGenerator;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;

/**
 * Generated programs with packets, maps, loops and subprograms do the same compiled and
 * interpreted: one frame at a time and by the batch, in whole methods and in tiny ones.
 */
class GeneratedProgramsAgreeTest {
  private static final int PROGRAMS = 150;
  private static final int FRAMES = 4;
  private static final int ROOM = 1024;
  private static final int HEADROOM = 256;

  private final List<Region> regions = new ArrayList<>();

  @AfterEach
  void closeRegions() {
    regions.forEach(Region::close);
  }

  /** A program's world: everything it may change. */
  private final class World {
    final Region region = Region.reserve(32 << 20);
    final XdpContext context = new XdpContext(region, 0);
    final List<BpfMap> maps = new ArrayList<>();
    final long frames = region.allocate(FRAMES * ROOM, 64);
    final XdpBatch batch = new XdpBatch(FRAMES);

    World(List<MapSpec> specs, long seed) {
      regions.add(region);
      for (MapSpec spec : specs) {
        try {
          maps.add(MapFactory.create(spec, region, 1));
        } catch (MapException e) {
          throw new AssertionError(e);
        }
      }
      Random random = new Random(seed);
      batch.size = FRAMES;
      for (int i = 0; i < FRAMES; i++) {
        int length = 40 + random.nextInt(80);
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        long start = frames + (long) i * ROOM;
        batch.frameStart[i] = start;
        batch.data[i] = start + HEADROOM;
        batch.dataMeta[i] = start + HEADROOM;
        batch.dataEnd[i] = start + HEADROOM + length;
        batch.frameEnd[i] = start + ROOM - 320;
        batch.ingressIfindex[i] = 1 + random.nextInt(5);
        batch.rxQueueIndex[i] = random.nextInt(3);
        MemorySegment.copy(
            bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, start + HEADROOM, length);
      }
    }

    /** All that is visible afterwards, addresses as distances. */
    List<Object> outcome() {
      List<Object> seen = new ArrayList<>();
      for (int i = 0; i < FRAMES; i++) {
        seen.add(batch.verdict[i]);
        seen.add(batch.data[i] - frames);
        seen.add(batch.dataEnd[i] - frames);
        seen.add(batch.dataMeta[i] - frames);
        seen.add(batch.redirectTarget[i]);
      }
      seen.add(
          LongStream.range(0, FRAMES * ROOM / 8)
              .map(i -> region.segment().get(Region.LONG, frames + i * 8))
              .boxed()
              .toList());
      Set<String> entries = new TreeSet<>();
      for (BpfMap map : maps) {
        for (byte[] key : map.keys()) {
          entries.add(map.name() + " " + text(key) + " " + text(map.get(key)));
        }
      }
      seen.addAll(entries);
      return seen;
    }

    private static String text(byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }

    void runBatch(Executable program) {
      program.executeBatch(batch, context);
    }

    void runSingly(Executable program) {
      for (int i = 0; i < FRAMES; i++) {
        batch.enter(i, context);
        batch.leave(i, context, program.execute(context, context.stackTop));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5000, 250, 1})
  void inMethodsOfThisSize(int methodBytes) {
    Compiler.Options options = Compiler.Options.defaults().withMethodBytes(methodBytes);
    for (long seed = 0; seed < PROGRAMS; seed++) {
      GeneratedProgram generated = ProgramGenerator.generate(seed);
      List<MapSpec> maps = generated.maps();
      World expected = new World(maps, seed);
      expected.runSingly(
          new InterpretedProgram(generated.instructions(), expected.maps, expected.region));
      World single = new World(maps, seed);
      single.runSingly(Compiler.compile(Roles.of(generated), single.maps, single.region, options));
      World batch = new World(maps, seed);
      batch.runBatch(Compiler.compile(Roles.of(generated), batch.maps, batch.region, options));
      assertThat(single.outcome()).as("program %d", seed).isEqualTo(expected.outcome());
      assertThat(batch.outcome()).as("program %d by the batch", seed).isEqualTo(single.outcome());
      closeRegions();
      regions.clear();
    }
  }
}
