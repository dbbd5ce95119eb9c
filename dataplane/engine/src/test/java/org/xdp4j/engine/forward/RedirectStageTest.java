package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.RouterSettings;

/** What is left in a worker's context by one frame is not the next one's. */
class RedirectStageTest {
  private static final int FRAMES = 64;

  private final Region region = Region.reserve(64 << 20);
  private Shared shared;
  private List<ForwardWorker> workers;

  @BeforeEach
  void make() {
    shared =
        new Shared(
            WorkerPlan.of(1),
            region,
            new PinnedMaps(),
            new Router(RouterSettings.defaults()),
            FRAMES,
            EventSink.NONE);
    shared.rings().growTo(1, 1024);
    workers = List.of(new ForwardWorker(0, shared, FRAMES));
    shared.setWorkers(workers);
  }

  @AfterEach
  void close() {
    region.close();
  }

  @Test
  void anEntrysProgramSeesNoFragmentsOfAnotherFrame() {
    ForwardWorker worker = workers.getFirst();
    Frame frame = worker.pool.acquire(60);
    frame.dataMeta = frame.data;
    XdpContext context = worker.context;
    context.fragsStart = frame.start;
    context.fragsEnd = frame.end;
    context.fragsSize = 500;
    long code =
        new RedirectStage(worker)
            .execute((own, fp) -> own.fragsSize + (own.fragsEnd - own.fragsStart), frame, 1);
    assertThat(code).isZero();
    worker.pool.release(frame);
  }

  @Test
  void aFaultOfAnEntrysProgramLeavesNoLockHeld() {
    ForwardWorker worker = workers.getFirst();
    Frame frame = worker.pool.acquire(60);
    frame.dataMeta = frame.data;
    long lock = region.allocate(8, 8);
    long code =
        new RedirectStage(worker)
            .execute(
                (own, fp) -> {
                  SpinLockHelpers.lock(own, lock, 0, 0, 0, 0);
                  throw new IndexOutOfBoundsException("as a checked access throws");
                },
                frame,
                1);
    assertThat(code).isEqualTo(ProgramStage.ABORTED);
    assertThat(region.segment().get(Region.INT, lock)).as("nobody has the lock").isZero();
    worker.pool.release(frame);
  }
}
