package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.CapturePoint.RECEIVED;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.capture.CaptureSummary;
import org.xdp4j.engine.capture.FilterCompiler;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;

/** Looking at frames of a running forwarder: captures, and the story of a frame. */
class CaptureAndTraceTest {
  @TempDir static Path folder;

  @BeforeEach
  void needsLibpcap() {
    Assumptions.assumeTrue(FilterCompiler.isAvailable(), "libpcap is not installed");
  }

  @Test
  void framesThatFitAreCapturedWhereTheyAreWanted() throws Exception {
    TestNetwork net = new TestNetwork(2);
    List<CapturedFrame> seen = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      CaptureRequest request =
          CaptureRequest.of("udp and dst net 10.2.0.0/16")
              .withPoints(Set.of(CapturePoint.values()))
              .withFrames(3);
      Capture capture = forwarder.capture(request, seen::add);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.9.3.4", 64)); // no route, and does not fit
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.5", 1));
      assertThat(capture.await(5000)).isTrue();
      assertThat(seen)
          .extracting(CapturedFrame::point)
          .startsWith(CapturePoint.RECEIVED, CapturePoint.TRANSMITTED, CapturePoint.RECEIVED);
      assertThat(seen.get(0).data()).isEqualTo(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      assertThat(seen.get(0).port()).isEqualTo("p1");
      assertThat(seen.get(1).port()).isEqualTo("p2");
      assertThat(Frames.ttl(seen.get(1).data())).isEqualTo(63);
      assertThat(capture.captured()).isEqualTo(3);
      assertThat(capture.missed()).isZero();

      Capture drops =
          forwarder.capture(
              CaptureRequest.of("").withPoints(Set.of(CapturePoint.DROPPED)).withFrames(1),
              seen::add);
      net.wire(1).send(datagram(1, "10.0.1.2", "172.16.1.1", 64));
      assertThat(drops.await(5000)).isTrue();
      assertThat(seen.getLast().reason()).isEqualTo("no-route");
      assertThat(seen).extracting(CapturedFrame::verdict).containsOnly(Frame.NO_VERDICT);
      net.stop(forwarder);
    }
  }

  /**
   * Workers look once a round who wants to see frames: a frame that is sent after the answer must
   * not find one in a round that it began before, nor may one that comes after the end.
   */
  @Test
  void captureAndTraceHoldFromTheirAnswerToTheirEnd() throws Exception {
    TestNetwork net = new TestNetwork(2);
    byte[] frame = datagram(1, "10.0.1.2", "10.2.3.4", 64);
    CaptureRequest all = new CaptureRequest("", Set.of(RECEIVED), null, 64, 0, 16);
    try (Forwarder forwarder = Forwarder.start(net.plan(2))) {
      for (int i = 0; i < 500; i++) {
        List<CapturedFrame> seen = Collections.synchronizedList(new ArrayList<>());
        List<FrameStory> stories = Collections.synchronizedList(new ArrayList<>());
        Capture capture = forwarder.capture(all, seen::add);
        net.wire(1).send(frame);
        net.wire(2).await();
        Trace trace = forwarder.trace(TraceRequest.of("", 2), stories::add);
        net.wire(1).send(frame);
        net.wire(2).await();
        trace.close();
        capture.close();
        net.wire(1).send(frame);
        net.wire(2).await();
        assertThat(seen).as("captured, round %d", i).hasSize(2);
        assertThat(capture.captured()).isEqualTo(2);
        assertThat(stories).as("traced, round %d", i).hasSize(1);
      }
      net.stop(forwarder);
    }
  }

  @Test
  void thePuntsReasonGoesWithTheFrame() throws Exception {
    TestNetwork net = new TestNetwork(2);
    Path file = folder.resolve("punted.pcapng");
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.add(new PortPlan.CaptureOutput(PortSettings.of("host"), file, 0, null, 0));
    List<CapturedFrame> seen = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(net.plan().withPorts(ports).withPunt("host"))) {
      Capture capture =
          forwarder.capture(
              CaptureRequest.of("")
                  .withPoints(Set.of(CapturePoint.TRANSMITTED))
                  .withPort("host")
                  .withFrames(2),
              seen::add);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.0.1.1", 64));
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      net.wire(1)
          .send(TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.0.1.1", 47, 64, new byte[26])));
      assertThat(capture.await(5000)).isTrue();
      assertThat(net.stop(forwarder).punted()).isEqualTo(2);
    }
    assertThat(seen).extracting(CapturedFrame::reason).containsOnly("punted: local");
    CaptureSummary written = CaptureSummary.of(file);
    assertThat(written.comments()).containsExactly("punted: local", "punted: local");
  }

  @Test
  void aSlowSinkMissesFramesAndSlowsNobody() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      CaptureRequest request =
          new CaptureRequest("", Set.of(CapturePoint.RECEIVED), null, 64, 0, 16);
      Capture capture =
          forwarder.capture(
              request,
              frame -> {
                try {
                  Thread.sleep(50);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      for (int i = 0; i < 500; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      net.wire(2).await(500);
      assertThat(capture.missed()).isGreaterThan(400);
      capture.close();
      assertThat(capture.captured() + capture.missed()).isEqualTo(500);
      net.stop(forwarder);
    }
  }

  @Test
  void aFilterThatIsNoneIsRefusedInASentence() throws Exception {
    TestNetwork net = new TestNetwork(1);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      assertThatThrownBy(() -> forwarder.capture(CaptureRequest.of("udp port port"), frame -> {}))
          .isInstanceOf(ForwarderException.class)
          .hasMessageStartingWith("capture: 'udp port port': ");
      assertThatThrownBy(() -> forwarder.capture(CaptureRequest.of("").withPort("p9"), frame -> {}))
          .hasMessage("capture: there is no port 'p9'");
    }
  }

  @Test
  void theStoryOfAFrameNamesLineMapAndReason() throws Exception {
    Clang.assume();
    Path object = ForwarderProgramTest.build(folder.resolve("forward.o"));
    TestNetwork net = new TestNetwork(2);
    ProgramPlan block =
        ProgramPlan.of("block", object, "p1").withChain("block").withMaps("blocked=0x0301000a=1");
    List<FrameStory> stories = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(TestNetwork.with(net.plan(), block))) {
      Trace trace = forwarder.trace(TraceRequest.of("udp", 3), stories::add);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      net.wire(1).send(datagram(1, "10.0.1.3", "10.2.3.4", 64));
      net.wire(1).send(datagram(1, "10.0.1.2", "172.16.1.1", 64));
      assertThat(trace.await(5000)).isTrue();

      String passed = stories.get(0).toString();
      assertThat(passed).contains("on port p1", "bpf_map_lookup_elem(blocked", "not there");
      assertThat(passed)
          .contains("returned XDP_PASS", "10.2.0.0/16 via 10.0.2.2", "out of port p2");
      assertThat(stories.get(0).end()).isEqualTo(FrameStory.Kind.TRANSMITTED);
      String dropped = stories.get(1).toString();
      assertThat(dropped).contains(": there", "returned XDP_DROP", "forward.bpf.c:");
      assertThat(dropped).contains("by the engine: xdp-drop: the program dropped it");
      assertThat(stories.get(2).toString()).contains("no route", "by the stack: no-route:");
      assertThat(forwarder.programs().list().getFirst().runs())
          .as("each frame is run once")
          .isEqualTo(List.of(0L, 1L, 2L, 0L, 0L, 0L));
      net.stop(forwarder);
    }
  }

  @Test
  void storiesOfDroppedFramesAloneCanBeWanted() throws Exception {
    TestNetwork net = new TestNetwork(2);
    List<FrameStory> stories = Collections.synchronizedList(new ArrayList<>());
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      Trace trace = forwarder.trace(new TraceRequest("", "p1", 1, true), stories::add);
      for (int i = 0; i < 20; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
        net.wire(2).await();
        Thread.sleep(1);
      }
      long deadline = System.nanoTime() + 5_000_000_000L;
      while (stories.isEmpty() && System.nanoTime() < deadline) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 1));
        Thread.sleep(5);
      }
      assertThat(trace.await(5000)).isTrue();
      assertThat(stories).hasSize(1);
      assertThat(stories.getFirst().toString()).contains("ttl-exceeded");
      net.stop(forwarder);
    }
  }
}
