package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.RedirectMap;
import org.xdp4j.engine.frame.Fate;
import org.xdp4j.engine.frame.Frame;

/**
 * Turns what a program asked for with {@code bpf_redirect} or {@code bpf_redirect_map} into
 * interfaces, as {@code xdp_do_redirect} does (net/core/filter.c): XDP_REDIRECT without a target is
 * a drop. A device map's entry may have a program of its own ({@code xdp/devmap}), which then runs
 * on the frame; what it does not pass is dropped. Owned by one thread.
 *
 * <p>Copies of a broadcast share one frame here, so no program runs on them: entries that have one
 * are left out, and a broadcast that has only such entries is dropped as {@link
 * Fate#EGRESS_PROGRAM}.
 */
final class RedirectResolver {
  private static final long XDP_PASS = 2;

  private final XdpContext context;

  RedirectResolver(XdpContext context) {
    this.context = context;
  }

  /** Decides the fate of {@code frame}, which is frame {@code i} of {@code batch}. */
  void resolve(XdpBatch batch, int i, Frame frame) {
    int target = (int) batch.redirectTarget[i];
    if (batch.redirectMap[i] == 0) {
      send(frame, target);
      return;
    }
    if (!(BpfMap.at(context.region, batch.redirectMap[i]) instanceof DeviceMap devices)) {
      frame.fate = Fate.REDIRECT_FAILED;
      return;
    }
    long flags = batch.redirectFlags[i];
    if ((flags & RedirectMap.BROADCAST) != 0) {
      broadcast(devices, frame, (flags & RedirectMap.EXCLUDE_INGRESS) != 0);
      return;
    }
    send(frame, devices.target(target));
    Executable program = devices.program(target);
    if (program != null && frame.fate == Fate.TRANSMIT) {
      runOnEgress(program, batch, i, frame);
    }
  }

  private static void send(Frame frame, int ifindex) {
    frame.egress = ifindex;
    frame.fate = ifindex > 0 ? Fate.TRANSMIT : Fate.REDIRECT_FAILED;
  }

  private static void broadcast(DeviceMap devices, Frame frame, boolean excludeIngress) {
    boolean leftOut = false;
    for (int slot = 0; slot < devices.slots(); slot++) {
      int ifindex = devices.targetAt(slot);
      if (ifindex <= 0 || excludeIngress && ifindex == frame.ingress) {
        continue;
      }
      if (devices.programAt(slot) != null) {
        leftOut = true;
      } else {
        frame.addTarget(ifindex);
      }
    }
    if (frame.targetCount > 0) {
      frame.fate = Fate.BROADCAST;
    } else {
      frame.fate = leftOut ? Fate.EGRESS_PROGRAM : Fate.REDIRECT_FAILED;
    }
  }

  private void runOnEgress(Executable program, XdpBatch batch, int i, Frame frame) {
    batch.enter(i, context);
    context.egressIfindex = frame.egress;
    try {
      if (program.execute(context, context.stackTop) != XDP_PASS) {
        frame.fate = Fate.EGRESS_PROGRAM;
      }
    } catch (RuntimeException | StackOverflowError fault) {
      frame.fate = Fate.EGRESS_PROGRAM;
    }
    context.egressIfindex = 0;
    frame.dataMeta = context.dataMeta;
    frame.data = context.data;
    frame.dataEnd = context.dataEnd;
  }
}
