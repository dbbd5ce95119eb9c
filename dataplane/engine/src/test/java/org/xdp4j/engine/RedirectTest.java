package org.xdp4j.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.RedirectHelpers;
import org.xdp4j.bpf.map.AnyProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.RedirectMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.DropReason;

class RedirectTest {
  @TempDir Path folder;
  private Region region;
  private BpfMap map;
  private DeviceMap devices;

  @BeforeEach
  void reserve() throws MapException {
    region = Region.reserve(64 << 20);
    map = MapFactory.create(MapSpec.of("ports", MapType.DEVMAP, 4, 8, 8, 0), region, 1);
    devices = (DeviceMap) map;
  }

  @AfterEach
  void release() {
    map.free();
    region.close();
  }

  /** Redirects every frame through the map. */
  private ReplayResult redirect(int key, long flags) throws IOException {
    ScriptedProgram program =
        new ScriptedProgram() {
          @Override
          int judge(XdpContext context) {
            return (int) RedirectHelpers.redirectMap(context, map.address(), key, flags, 0, 0);
          }
        };
    Path in =
        TestCaptures.write(
            folder.resolve("in.pcap"),
            List.of(TestCaptures.frame(60, 1, 0, 0), TestCaptures.frame(60, 2, 0, 0)));
    ReplayOptions options = ReplayOptions.of(in).withOut(folder.resolve("out.pcapng"));
    try (Replay replay = Replay.open(program, region, options)) {
      return replay.run();
    }
  }

  private List<String> written() throws IOException {
    return TestCaptures.read(folder.resolve("out.pcapng")).stream()
        .map(TestCaptures.Seen::name)
        .toList();
  }

  @Test
  void aDeviceMapsEntryIsWhereTheFrameGoes() throws IOException {
    devices.set(3, 17, null);

    ReplayResult result = redirect(3, 0);

    assertThat(result.redirected()).isEqualTo(Map.of(17, 2L));
    assertThat(result.books().get(Counter.TRANSMITTED)).isEqualTo(2);
    assertThat(written()).containsExactly("if17", "if17");
  }

  @Test
  void aMissingEntryGivesTheCodeInTheFlags() throws IOException {
    ReplayResult result = redirect(3, 2);

    assertThat(result.books().get(Counter.DELIVERED)).isEqualTo(2);
    assertThat(result.redirected()).isEmpty();
  }

  @Test
  void aBroadcastMakesACopyForEachTargetButTheIngress() throws IOException {
    devices.set(0, 1, null);
    devices.set(2, 22, null);
    devices.set(5, 25, null);

    ReplayResult result = redirect(0, RedirectMap.BROADCAST | RedirectMap.EXCLUDE_INGRESS);

    assertThat(result.redirected()).isEqualTo(Map.of(22, 2L, 25, 2L));
    assertThat(result.books().get(Counter.GENERATED)).isEqualTo(2);
    assertThat(result.books().get(Counter.TRANSMITTED)).isEqualTo(4);
    assertThat(written()).containsExactly("if22", "if25", "if22", "if25");
  }

  @Test
  void aBroadcastWithoutTargetsIsADrop() throws IOException {
    ReplayResult result = redirect(0, RedirectMap.BROADCAST);

    assertThat(result.books().dropped(DropReason.REDIRECT_FAILED)).isEqualTo(2);
  }

  @Test
  void anEntrysProgramRunsOnTheWayOut() throws IOException {
    int[] seen = new int[1];
    devices.set(
        1,
        31,
        AnyProgram.leaving(
            (context, framePointer) -> {
              seen[0] = context.egressIfindex;
              context.dataEnd -= 10;
              return 2;
            }));

    redirect(1, 0);

    assertThat(seen[0]).isEqualTo(31);
    assertThat(TestCaptures.read(folder.resolve("out.pcapng")))
        .allSatisfy(s -> assertThat(s.bytes()).hasSize(50));
  }

  @Test
  void aCpuMapsEntryDeliversTheFrame() throws IOException, MapException {
    map.free();
    map = MapFactory.create(MapSpec.of("cpus", MapType.CPUMAP, 4, 8, 4, 0), region, 1);
    CpuMap cpus = (CpuMap) map;
    cpus.set(0, 192, null);
    cpus.set(1, 192, AnyProgram.arriving((context, framePointer) -> 1));
    cpus.set(
        2,
        192,
        AnyProgram.arriving(
            (context, framePointer) -> RedirectHelpers.redirect(context, 9, 0, 0, 0, 0)));

    assertThat(redirect(0, 0).books().get(Counter.DELIVERED)).isEqualTo(2);
    assertThat(redirect(1, 0).books().dropped(DropReason.EGRESS_PROGRAM)).isEqualTo(2);
    assertThat(redirect(2, 0).redirected()).isEqualTo(Map.of(9, 2L));
    assertThat(redirect(3, 2).books().get(Counter.VERDICT_PASS)).isEqualTo(2);
  }

  @Test
  void whatAnEntrysProgramDoesNotPassIsDropped() throws IOException {
    Executable drops = (context, framePointer) -> 1;
    Executable faults =
        (context, framePointer) -> {
          throw new IndexOutOfBoundsException();
        };
    for (Executable program : List.of(drops, faults)) {
      devices.set(1, 31, AnyProgram.leaving(program));

      ReplayResult result = redirect(1, 0);

      assertThat(result.books().dropped(DropReason.EGRESS_PROGRAM)).isEqualTo(2);
      assertThat(written()).isEmpty();
    }
  }
}
