package org.xdp4j.bpf.interpreter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;

/** What user space puts into a map of maps while a program runs is as good as what was there. */
class ChangingInnerMapsTest {
  private static final int RUNS = 4000;
  private static final int MOST_RUNS = 100 * RUNS;
  private static final int INNER = 6;

  /** Reads and writes the inner map's value: 1 when one was there. */
  private static final String PROGRAM =
      """
      *(u32 *)(r10 - 4) = 0
      r1 = map[0] ll
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto +11
      r1 = r0
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto +6
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r0 = 1
      exit
      exit
      r0 = 0
      exit
      """;

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void aRunFindsMapsThatCameAfterItBegan(MapType type) throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapSpec shape = MapSpec.of("inner", MapType.ARRAY, 4, 8, 1, 0);
      MapSpec outerSpec = MapSpec.of("outer", type, 4, 4, 1, 0).withInner(shape);
      BpfMap outer = MapFactory.create(outerSpec, region, 2);
      BpfMap[] inner = new BpfMap[INNER];
      for (int i = 0; i < INNER; i++) {
        inner[i] = MapFactory.create(shape, region, 2);
      }
      InterpretedProgram program =
          new InterpretedProgram(Assembler.assemble(PROGRAM), List.of(outer), region);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger refused = new AtomicInteger();
      CountDownLatch writing = new CountDownLatch(1);
      Thread writer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; !stop.get(); i++) {
                      int put = ((InnerMaps) outer).set(new byte[4], inner[i % INNER], BpfMap.ANY);
                      refused.addAndGet(put == 0 ? 0 : 1);
                      writing.countDown();
                      if (i % 5 == 0) {
                        outer.remove(new byte[4]);
                      }
                    }
                  });
      XdpContext context = new XdpContext(region, 0);
      writing.await();
      int found = 0;
      try {
        // A writer that waits for a CPU may have left the map empty for all of these runs.
        for (int i = 0; i < RUNS || found == 0 && i < MOST_RUNS; i++) {
          context.reset();
          found += (int) program.execute(context, context.stackTop);
        }
      } finally {
        stop.set(true);
        writer.join();
      }
      assertThat(refused.get()).isZero();
      assertThat(found).isPositive();
    }
  }
}
