package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.generate.Packets;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSnapshot;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectReader;

/** A program's trial before it is needed leaves no trace, and changes nothing of what it does. */
class WarmupTest {
  private static final Path FILTERS = Path.of("../../filters");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "protocol_counter",
        "syn_limiter",
        "firewall",
        "router",
        "l4_balancer",
        "sampler",
        "perf_sampler",
        "tail_call",
        "checksums",
        "legacy",
        "vlan_rewrite"
      })
  void aTrialTouchesNoMapAndSendsNothing(String filter) throws Exception {
    List<byte[]> packets = Packets.generate(5, 100);
    List<SampleFrame> samples =
        packets.stream().map(packet -> new SampleFrame(packet, 1, 0, 0)).toList();
    try (Region region = Region.reserve(64 << 20);
        LoadedObject object =
            LoadedObject.load(
                ObjectReader.read(FILTERS.resolve(filter + ".bpf.o")),
                region,
                LoadOptions.defaults())) {
      XdpProgram program = object.programs().getFirst();
      XdpContext live = new XdpContext(region, 0);
      XdpContext scratch = new XdpContext(region, 0);
      Sink sink = new Sink();
      scratch.events = sink;
      run(program, packets, live, region);
      List<List<MapSnapshot.Entry>> before = snapshots(object);
      long free = region.free();

      WarmupResult result = program.warm(samples, scratch, Duration.ofMillis(80));

      assertThat(result.frames()).isPositive();
      assertThat(program.faults()).isZero();
      assertThat(snapshots(object)).isEqualTo(before);
      assertThat(region.free()).isEqualTo(free);
      assertThat(sink.records).isZero();
      assertThat(scratch.trial).isNull();
      int[] warmed = run(program, packets, live, region);
      try (LoadedObject cold =
          LoadedObject.load(
              ObjectReader.read(FILTERS.resolve(filter + ".bpf.o")),
              region,
              LoadOptions.defaults())) {
        XdpProgram other = cold.programs().getFirst();
        run(other, packets, live, region);
        assertThat(warmed).isEqualTo(run(other, packets, live, region));
      }
    }
  }

  private static final class Sink implements EventSink {
    private int records;

    @Override
    public void printk(int cpu, String text) {
      records++;
    }

    @Override
    public boolean perfEvent(String map, int cpu, byte[] data) {
      records++;
      return true;
    }
  }

  private static List<List<MapSnapshot.Entry>> snapshots(LoadedObject object) {
    List<List<MapSnapshot.Entry>> all = new ArrayList<>();
    for (BpfMap map : object.maps()) {
      if (map.spec().type() != MapType.RINGBUF && map.spec().type() != MapType.PROG_ARRAY) {
        all.add(MapSnapshot.of(map).entries());
      }
    }
    return all;
  }

  private static int[] run(
      XdpProgram program, List<byte[]> packets, XdpContext context, Region region) {
    XdpBatch batch = new XdpBatch(packets.size());
    long slot = 4096;
    long memory = region.allocate(slot * packets.size(), 64);
    for (int i = 0; i < packets.size(); i++) {
      byte[] packet = packets.get(i);
      long data = memory + i * slot + 256;
      region
          .segment()
          .asSlice(data, packet.length)
          .copyFrom(java.lang.foreign.MemorySegment.ofArray(packet));
      batch.dataMeta[i] = data;
      batch.data[i] = data;
      batch.dataEnd[i] = data + packet.length;
      batch.frameStart[i] = memory + i * slot;
      batch.frameEnd[i] = memory + (i + 1) * slot;
    }
    batch.size = packets.size();
    program.run(batch, context);
    region.free(memory, slot * packets.size());
    return batch.verdict;
  }
}
