package org.xdp4j.engine.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.net.wire.Checksum;

class FaultPortTest {
  private static final int FRAMES = 20_000;
  private static final PortIdentity A = new PortIdentity("a", 1, 0x02_0000_0000_0aL, 1500);

  private final Region region = Region.reserve(64 << 20);
  private final FramePool pool = new FramePool(region, 2048);
  private final Frame[] frames = new Frame[32];

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  /** Which flow each frame that came off the line is of, -1 for one that is not as it was made. */
  private List<Integer> receive(Port port) {
    List<Integer> flows = new ArrayList<>();
    while (!port.ended()) {
      int count = port.queue(0).receive(pool, frames, 32);
      for (int i = 0; i < count; i++) {
        long source = region.segment().get(Region.INT, frames[i].data + 26);
        boolean whole = Checksum.of(region.segment(), frames[i].data + 14, 20) == 0;
        flows.add(whole ? Integer.reverseBytes((int) source) & 0xff_ffff : -1);
        pool.release(frames[i]);
        frames[i] = null;
      }
    }
    return flows;
  }

  private FaultPort port(Faults in, long seed) {
    GeneratorPort generator =
        new GeneratorPort(A, 1, GeneratorOptions.of(FRAMES, 60, FRAMES), region);
    return new FaultPort(generator, in, Faults.NONE, seed, region);
  }

  @Test
  void withoutFaultsEveryFrameComesInOrder() {
    List<Integer> flows = receive(port(Faults.NONE, 1));
    assertThat(flows).hasSize(FRAMES).isSorted();
  }

  @Test
  void lossIsItsShareAndCounted() {
    FaultPort port = port(new Faults(0.1, 0, 0, 0, 0, 0), 7);
    List<Integer> flows = receive(port);
    assertThat(port.in().lost()).isCloseTo(FRAMES / 10, within(200L));
    assertThat(flows).hasSize(FRAMES - (int) port.in().lost()).isSorted();
    assertThat(port.statistics().rxFrames()).isEqualTo(FRAMES);
    assertThat(port.statistics().rxFaults()).isEqualTo(port.in());
    assertThat(port.queue(0).counters().rxLost()).isEqualTo(port.in().lost());
  }

  @Test
  void doublesAreCounted() {
    FaultPort port = port(new Faults(0, 0.05, 0, 0, 0, 0), 7);
    List<Integer> flows = receive(port);
    assertThat(port.in().duplicated()).isCloseTo(FRAMES / 20, within(150L));
    assertThat(flows.size()).isEqualTo(FRAMES + (int) port.in().duplicated());
    assertThat(new HashSet<>(flows)).hasSize(FRAMES);
  }

  @Test
  void oneBitIsTheOtherWayRound() {
    FaultPort port = port(new Faults(0, 0, 0.5, 0, 0, 0), 7);
    List<Integer> flows = receive(port);
    assertThat(flows).hasSize(FRAMES);
    // A third of a frame's bytes are the IPv4 header's, where a checksum tells.
    assertThat(flows.stream().filter(flow -> flow < 0).count())
        .isCloseTo(port.in().corrupted() / 3, within(400L));
  }

  @Test
  void aReorderedFrameLetsThreePass() {
    FaultPort port = port(new Faults(0, 0, 0, 0.01, 0, 0), 7);
    List<Integer> flows = receive(port);
    assertThat(new HashSet<>(flows)).hasSize(FRAMES);
    long back = 0;
    for (int i = 1; i < flows.size(); i++) {
      if (flows.get(i) < flows.get(i - 1)) {
        assertThat(flows.get(i - 1) - flows.get(i)).isEqualTo(Faults.REORDERED);
        back++;
      }
    }
    assertThat(back).isPositive().isEqualTo(port.in().reordered());
  }

  @Test
  void delayedFramesComeLaterAndInOrder() {
    GeneratorPort generator = new GeneratorPort(A, 1, GeneratorOptions.of(500, 60, 500), region);
    Faults faults = new Faults(0, 0, 0, 0, 20_000_000, 5_000_000);
    FaultPort port = new FaultPort(generator, faults, Faults.NONE, 3, region);
    long begin = System.nanoTime();
    List<Integer> flows = receive(port);
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000L);
    assertThat(flows).hasSize(500).isSorted();
    assertThat(port.in().delayed()).isEqualTo(500);
  }

  @Test
  void theSameSeedDoesTheSame() {
    Faults faults = new Faults(0.05, 0.05, 0.05, 0.05, 0, 0);
    FaultPort first = port(faults, 99);
    FaultPort second = port(faults, 99);
    assertThat(receive(first)).isEqualTo(receive(second));
    assertThat(first.in()).isEqualTo(second.in());
  }

  @Test
  void framesThatGoOutSufferToo() {
    NullPort sink = new NullPort(A, 1);
    FaultPort port =
        new FaultPort(sink, Faults.NONE, new Faults(0.25, 0.25, 0, 0.1, 0, 0), 5, region);
    GeneratorPort generator = new GeneratorPort(A, 1, GeneratorOptions.of(4000, 60, 1), region);
    int count;
    while ((count = generator.queue(0).receive(pool, frames, 32)) > 0) {
      assertThat(port.queue(0).transmit(pool, frames, count)).isEqualTo(count);
      Arrays.fill(frames, null);
      port.queue(0).poll(pool);
    }
    port.queue(0).drain(pool);
    FaultCounts counts = port.out();
    PortCounters counters = port.queue(0).counters();
    assertThat(counters.txFrames() + counters.txErrors() + counters.txLost() - counters.txDoubled())
        .isEqualTo(4000);
    assertThat(counters.txLost()).isEqualTo(counts.lost()).isPositive();
    assertThat(sink.statistics().txFrames())
        .isCloseTo(4000 - counts.lost() + counts.duplicated(), within(1L));
  }

  @Test
  void aShareBeyondAllIsRefused() {
    assertThatThrownBy(() -> new Faults(1.5, 0, 0, 0, 0, 0))
        .hasMessage("1.5 is no share of frames: it is from 0 to 1");
  }
}
