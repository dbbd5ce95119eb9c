package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelPerfRing;
import org.xdp4j.bpf.oracle.KernelProgram;
import org.xdp4j.bpf.oracle.Pinned;
import org.xdp4j.testing.Covers;

/** Perf events of many sizes through buffers that overflow, beside the kernel's. */
class PerfBufferOracleTest {
  private static final int EVENTS = 4000;
  private static final int PAGES = 2;

  @TempDir Path folder;
  private final List<KernelPerfRing.Event> told = new ArrayList<>();

  @Covers({"PERF_EVENT_ARRAY", "bpf_perf_event_output"})
  @Test
  void recordsFitAndAreLostAsInLinux() throws Exception {
    KernelOracle.assumeAvailable();
    Clang.assume();
    BpfObject object = Clang.build(folder, "speaks.bpf.c", "-O2", "-g", "-mcpu=v3");
    Pinned.run(0, () -> agree(object));
  }

  private void agree(BpfObject object) {
    KernelMap events = KernelMap.create(object.map("events").orElseThrow().withMaxEntries(2));
    List<KernelMap> maps =
        object.maps().stream().map(m -> m.name().equals("events") ? events : null).toList();
    LoadOptions options =
        new LoadOptions(2, false, false, Set.of("tells_more")).withMaxEntries("events", 2);
    try (KernelPerfRing ring = KernelPerfRing.open(0, PAGES);
        KernelProgram kernel =
            KernelOracle.load(
                    object.program("tells_more").orElseThrow(), maps, KernelOracle.LOG_FULL)
                .program();
        Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object, region, options);
        PerfBuffer ours =
            PerfBuffer.open(
                loaded.map("events").orElseThrow(),
                1,
                PAGES,
                (cpu, data) -> told.add(new KernelPerfRing.Event(data, 0)),
                (cpu, count) -> told.add(new KernelPerfRing.Event(null, count)))) {
      Assumptions.assumeTrue(ring != null, "perf events cannot be opened here");
      assertThat(events.update(new byte[4], number(ring.fd()), 0)).isZero();
      XdpContext context = new XdpContext(region, 0);
      XdpProgram program = loaded.program("tells_more").orElseThrow();
      Random random = new Random(6);
      int lost = 0;
      for (int i = 0; i < EVENTS; i++) {
        byte[] frame = new byte[900];
        random.nextBytes(frame);
        System.arraycopy(number(random.nextInt(1000)), 0, frame, 0, 4);
        int expected = kernel.run(frame).returnCode();
        assertThat(TestRun.run(program, context, frame, 1).returnCode())
            .as("event %d", i)
            .isEqualTo(expected);
        lost += expected == -28 ? 1 : 0;
        if (random.nextInt(60) == 0) {
          ours.consume();
          compare(ring.drain());
        }
      }
      assertThat(lost).isPositive();
      assertThat(ours.lost()).isEqualTo(lost);
    } catch (LoadException e) {
      throw new IllegalStateException(e);
    } finally {
      events.close();
    }
  }

  private static byte[] number(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private void compare(List<KernelPerfRing.Event> theirs) {
    assertThat(told).hasSameSizeAs(theirs);
    for (int i = 0; i < theirs.size(); i++) {
      KernelPerfRing.Event mine = told.get(i);
      KernelPerfRing.Event their = theirs.get(i);
      assertThat(mine.lost()).isEqualTo(their.lost());
      if (their.data() != null) {
        assertThat(their.data().length - mine.data().length).isBetween(0, 7);
        assertThat(mine.data()).isEqualTo(Arrays.copyOf(their.data(), mine.data().length));
      }
    }
    told.clear();
  }
}
