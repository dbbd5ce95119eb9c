package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.RingBufferMap;
import org.xdp4j.bpf.memory.Region;

/** What is written of a ring buffer whose reader comes late. */
class EventLogTest {
  @TempDir Path folder;

  @Test
  void recordsThatFoundNoRoomAreCounted() throws Exception {
    Path file = folder.resolve("events");
    MapSpec spec = MapSpec.of("samples", MapType.RINGBUF, 0, 0, 4096, 0);
    try (Region region = Region.reserve(1 << 20)) {
      RingBufferMap ring = (RingBufferMap) MapFactory.create(spec, region, 1);
      long data = region.allocate(2000, 8);
      EventLog log;
      try (EventWriter writer = EventWriter.open(null, file.toString(), List.of(), List.of())) {
        log = new EventLog(null, List.of(ring), writer);
        for (int i = 0; i < 5; i++) {
          ring.output(data, 2000, 0);
        }
        log.drain().close();
        ring.output(data, 2000, 0);
        log.drain().close();
      }
      assertThat(log.of("samples").count()).isEqualTo(3);
      assertThat(log.of("samples").lost()).isEqualTo(3);
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(4);
    assertThat(lines.get(2)).isEqualTo("{\"event\":\"lost\",\"map\":\"samples\",\"count\":3}");
    assertThat(lines.get(3))
        .startsWith("{\"event\":\"ringbuf\",\"map\":\"samples\",\"size\":2000,");
  }
}
