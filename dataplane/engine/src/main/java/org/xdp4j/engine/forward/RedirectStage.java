package org.xdp4j.engine.forward;

import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.RedirectEntry;
import org.xdp4j.bpf.map.RedirectMap;
import org.xdp4j.bpf.map.XskMap;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.frame.Frame;

/**
 * Does what programs ask for with {@code bpf_redirect} and {@code bpf_redirect_map}, as {@code
 * xdp_do_redirect} does (net/core/filter.c): XDP_REDIRECT without a target is a drop. Owned by one
 * worker.
 *
 * <ul>
 *   <li>An interface, directly or by a device map: the frame is sent. An entry's program ({@code
 *       xdp/devmap}) runs on it first, and drops what it does not pass.
 *   <li>Every interface of a device map (BPF_F_BROADCAST): each but the last gets a copy, and each
 *       entry's program runs on its own.
 *   <li>A CPU map: another worker gets the frame; there the entry's program ({@code xdp/cpumap})
 *       runs, and what it passes goes to that worker's stack.
 *   <li>An XSKMAP: the {@link FrameConsumer} gets the frame.
 * </ul>
 */
final class RedirectStage {
  private final ForwardWorker worker;
  private final XdpContext context;
  private final RedirectEntry entry = new RedirectEntry();

  /** Where the last frame went that was only sent, and by which map, key and flags. */
  private Egress known;

  private long knownMap;
  private long knownTarget;
  private long knownFlags;

  RedirectStage(ForwardWorker worker) {
    this.worker = worker;
    this.context = worker.context;
  }

  /** Another batch begins: what maps say may have changed since. */
  void begin() {
    known = null;
  }

  /**
   * Sends {@code frame}, which is frame {@code i} of {@code batch}, where its program said. Frames
   * of a batch mostly go the same way, which is then looked up once.
   */
  void redirect(XdpBatch batch, int i, Frame frame) {
    long map = batch.redirectMap[i];
    long target = batch.redirectTarget[i];
    long flags = batch.redirectFlags[i];
    if (known != null && map == knownMap && target == knownTarget && flags == knownFlags) {
      known.add(frame);
      return;
    }
    known = null;
    knownMap = map;
    knownTarget = target;
    knownFlags = flags;
    redirect(frame, map, (int) target, flags);
  }

  /**
   * Where all frames of {@code batch} go, each of which was redirected, when that is out of one and
   * the same port and nothing else is to be done; or null.
   */
  Egress onlyWay(XdpBatch batch) {
    int count = batch.size;
    if (!isSame(batch.redirectMap, count) || !isSame(batch.redirectFlags, count)) {
      return null;
    }
    boolean same = isSame(batch.redirectTarget, count);
    int target = (int) batch.redirectTarget[0];
    if (batch.redirectMap[0] == 0) {
      return same ? worker.egress(target) : null;
    }
    if (!(BpfMap.at(context.region, batch.redirectMap[0]) instanceof DeviceMap devices)
        || (batch.redirectFlags[0] & RedirectMap.BROADCAST) != 0) {
      return null;
    }
    entry.read(devices, target);
    int ifindex = entry.target();
    if (entry.program() != null || !same && !leadTo(ifindex, devices, batch)) {
      return null;
    }
    return worker.egress(ifindex);
  }

  /** Whether the keys of all frames lead out of one interface, and none to a program. */
  private static boolean leadTo(int ifindex, DeviceMap devices, XdpBatch batch) {
    boolean all = true;
    for (int i = 0; i < batch.size && all; i++) {
      int key = (int) batch.redirectTarget[i];
      all = devices.value(key) == ifindex && devices.program(key) == null;
    }
    return all;
  }

  private static boolean isSame(long[] column, int count) {
    long first = column[0];
    long differs = 0;
    for (int i = 1; i < count; i++) {
      differs |= column[i] ^ first;
    }
    return differs == 0;
  }

  private void redirect(Frame frame, long address, int target, long flags) {
    if (address == 0) {
      send(frame, target);
      return;
    }
    BpfMap map = BpfMap.at(context.region, address);
    if (map instanceof DeviceMap devices) {
      if ((flags & RedirectMap.BROADCAST) != 0) {
        broadcast(devices, frame, (flags & RedirectMap.EXCLUDE_INGRESS) != 0);
      } else {
        sendBy(devices, target, frame);
      }
    } else if (map instanceof CpuMap cpus) {
      handOver(cpus, target, frame);
    } else if (map instanceof XskMap consumers) {
      consume(consumers.consumer(target), frame);
    } else {
      worker.drop(frame, DropReason.REDIRECT_FAILED);
    }
  }

  private void send(Frame frame, int ifindex) {
    Egress egress = worker.egress(ifindex);
    if (egress == null) {
      worker.drop(frame, DropReason.REDIRECT_FAILED);
    } else {
      known = egress;
      egress.add(frame);
    }
  }

  private void sendBy(DeviceMap devices, int key, Frame frame) {
    entry.read(devices, key);
    sendByEntry(frame);
  }

  private void sendBySlot(DeviceMap devices, int slot, Frame frame) {
    entry.readSlot(devices, slot);
    sendByEntry(frame);
  }

  private void sendByEntry(Frame frame) {
    int ifindex = entry.target();
    Executable program = entry.program();
    if (program == null || ifindex <= 0) {
      send(frame, ifindex);
      return;
    }
    if (execute(program, frame, ifindex) == ProgramStage.PASS) {
      send(frame, ifindex);
    } else {
      worker.drop(frame, DropReason.EGRESS_PROGRAM);
    }
    known = null;
  }

  private void broadcast(DeviceMap devices, Frame frame, boolean excludeIngress) {
    int last = -1;
    for (int slot = 0; slot < devices.slots(); slot++) {
      int ifindex = devices.targetAt(slot);
      if (worker.egress(ifindex) == null || excludeIngress && ifindex == frame.ingress) {
        continue;
      }
      if (last >= 0) {
        Frame copy = worker.copy(frame);
        if (copy != null) {
          sendBySlot(devices, last, copy);
        }
      }
      last = slot;
    }
    if (last < 0) {
      worker.drop(frame, DropReason.REDIRECT_FAILED);
    } else {
      sendBySlot(devices, last, frame);
    }
    known = null;
  }

  private void handOver(CpuMap cpus, int cpu, Frame frame) {
    entry.read(cpus, cpu);
    if (entry.target() == 0 || cpu >= worker.layout().workers()) {
      worker.drop(frame, DropReason.REDIRECT_FAILED);
      return;
    }
    frame.errand = Errand.CPU_MAP;
    frame.errandProgram = entry.program();
    if (cpu == worker.number) {
      arrived(frame);
    } else {
      worker.handOver(frame, cpu);
    }
  }

  /** A frame came from another worker by a CPU map. */
  void arrived(Frame frame) {
    Executable program = (Executable) frame.errandProgram;
    frame.errandProgram = null;
    long code = program == null ? ProgramStage.PASS : execute(program, frame, 0);
    if (code == ProgramStage.PASS) {
      worker.toStack(frame, frame.ingress);
    } else if (code == ProgramStage.REDIRECT && isSending(context.redirectMap)) {
      redirect(frame, context.redirectMap, (int) context.redirectTarget, context.redirectFlags);
      known = null;
    } else {
      worker.drop(frame, DropReason.EGRESS_PROGRAM);
    }
  }

  /** What is sent on from a CPU map goes to interfaces only. */
  private boolean isSending(long map) {
    return map == 0 || BpfMap.at(context.region, map) instanceof DeviceMap;
  }

  private void consume(Object consumer, Frame frame) {
    if (!(consumer instanceof FrameConsumer to)) {
      worker.drop(frame, DropReason.REDIRECT_FAILED);
      return;
    }
    for (Tap tap : worker.taps()) {
      tap.delivered(worker, frame, "consumer");
    }
    if (to.offer(frame)) {
      worker.counters.add(WorkerCounters.Total.CONSUMED, 1);
    } else {
      worker.drop(frame, DropReason.CONSUMER_FULL);
    }
  }

  /** Runs a map entry's program over the frame and returns its code. */
  long execute(Executable program, Frame frame, int egress) {
    context.reset();
    context.frameStart = frame.start;
    context.dataMeta = frame.dataMeta;
    context.data = frame.data;
    context.dataEnd = frame.dataEnd;
    context.frameEnd = frame.end;
    context.withoutFragments();
    context.ingressIfindex = frame.ingress;
    context.rxQueueIndex = worker.number;
    context.frameNanos = frame.nanos;
    context.egressIfindex = egress;
    long code;
    try {
      code = program.execute(context, context.stackTop);
    } catch (RuntimeException | StackOverflowError fault) {
      SpinLockHelpers.releaseAfterFault(context);
      code = ProgramStage.ABORTED;
    }
    context.egressIfindex = 0;
    frame.dataMeta = context.dataMeta;
    frame.data = context.data;
    frame.dataEnd = context.dataEnd;
    return code;
  }
}
