package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.RedirectEntry;
import org.xdp4j.bpf.map.RedirectMap;
import org.xdp4j.engine.frame.Fate;
import org.xdp4j.engine.frame.Frame;

/**
 * Turns what a program asked for with {@code bpf_redirect} or {@code bpf_redirect_map} into what
 * becomes of the frame, as {@code xdp_do_redirect} does (net/core/filter.c): XDP_REDIRECT without a
 * target is a drop.
 *
 * <ul>
 *   <li>An interface, directly or by a device map: the frame is sent. A device map's entry may have
 *       a program ({@code xdp/devmap}), which runs on the frame first; what it does not pass is
 *       dropped.
 *   <li>A CPU map: the frame is delivered, as Linux delivers it on that CPU. An entry's program
 *       ({@code xdp/cpumap}) runs first; it may pass the frame, redirect it to an interface, or
 *       else drop it.
 * </ul>
 *
 * <p>Copies of a broadcast share one frame here, so no program runs on them: entries that have one
 * are left out, and a broadcast that has only such entries is dropped as {@link
 * Fate#EGRESS_PROGRAM}. Owned by one thread.
 */
final class RedirectResolver {
  private static final long XDP_ABORTED = 0;
  private static final long XDP_PASS = 2;
  private static final long XDP_REDIRECT = 4;

  private final XdpContext context;
  private final RedirectEntry entry = new RedirectEntry();

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
    BpfMap map = BpfMap.at(context.region, batch.redirectMap[i]);
    if (map instanceof CpuMap cpus) {
      handOver(cpus, target, batch, i, frame);
    } else if (map instanceof DeviceMap devices) {
      long flags = batch.redirectFlags[i];
      if ((flags & RedirectMap.BROADCAST) != 0) {
        broadcast(devices, frame, (flags & RedirectMap.EXCLUDE_INGRESS) != 0);
      } else {
        send(devices, target, batch, i, frame);
      }
    } else {
      frame.fate = Fate.REDIRECT_FAILED;
    }
  }

  private static void send(Frame frame, int ifindex) {
    frame.egress = ifindex;
    frame.fate = ifindex > 0 ? Fate.TRANSMIT : Fate.REDIRECT_FAILED;
  }

  private void send(DeviceMap devices, int key, XdpBatch batch, int i, Frame frame) {
    entry.read(devices, key);
    send(frame, entry.target());
    Executable program = entry.program();
    if (program != null
        && frame.fate == Fate.TRANSMIT
        && execute(program, batch, i, frame, frame.egress) != XDP_PASS) {
      frame.fate = Fate.EGRESS_PROGRAM;
    }
  }

  private void handOver(CpuMap cpus, int cpu, XdpBatch batch, int i, Frame frame) {
    entry.read(cpus, cpu);
    if (entry.target() == 0) {
      frame.fate = Fate.REDIRECT_FAILED;
      return;
    }
    Executable program = entry.program();
    long code = program == null ? XDP_PASS : execute(program, batch, i, frame, 0);
    if (code == XDP_PASS) {
      frame.fate = Fate.DELIVER;
    } else if (code == XDP_REDIRECT && context.redirectMap == 0) {
      send(frame, (int) context.redirectTarget);
    } else if (code == XDP_REDIRECT
        && BpfMap.at(context.region, context.redirectMap) instanceof DeviceMap devices) {
      send(frame, devices.target((int) context.redirectTarget));
    } else {
      frame.fate = Fate.EGRESS_PROGRAM;
    }
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

  /** Runs a map entry's program over the frame and returns its code. */
  private long execute(Executable program, XdpBatch batch, int i, Frame frame, int egress) {
    batch.enter(i, context);
    context.egressIfindex = egress;
    long code;
    try {
      code = program.execute(context, context.stackTop);
    } catch (RuntimeException | StackOverflowError fault) {
      SpinLockHelpers.releaseAfterFault(context);
      code = XDP_ABORTED;
    }
    context.egressIfindex = 0;
    frame.dataMeta = context.dataMeta;
    frame.data = context.data;
    frame.dataEnd = context.dataEnd;
    return code;
  }
}
