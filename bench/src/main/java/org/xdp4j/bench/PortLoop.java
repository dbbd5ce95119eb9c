package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Set;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.linux.PacketRingOptions;
import org.xdp4j.engine.port.linux.PacketRingPort;
import org.xdp4j.engine.port.linux.TapOptions;
import org.xdp4j.engine.port.linux.TapPort;
import org.xdp4j.engine.port.linux.XdpSocketOptions;
import org.xdp4j.engine.port.linux.XdpSocketPort;
import org.xdp4j.engine.port.pcap.PcapOptions;
import org.xdp4j.engine.port.pcap.PcapPort;
import org.xdp4j.engine.worker.Affinity;

/**
 * What the C programs in {@code bench/src/main/c} do, by ports and with a program in between: a
 * process of its own, which benchmarks run inside of namespaces.
 *
 * <p>{@code PortLoop KIND receive|swap|forward DEVICE DEVICE|- PROGRAM CPU WARM SECONDS} prints
 * {@code ready} when frames can come, and what came in the seconds after those it warms up in.
 */
public final class PortLoop {
  private static final int BATCH = 64;
  private static final int ADDRESS = 6;
  private static final int IDLE_ROUNDS = 100;
  private static final int PASS = 2;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final MemorySegment memory;
  private final FramePool pool;
  private final XdpProgram program;
  private final XdpContext context;
  private final XdpBatch batch = new XdpBatch(BATCH);
  private final Frame[] frames = new Frame[BATCH];
  private final MemorySegment kept = MemorySegment.ofArray(new byte[ADDRESS]);
  private long done;
  private long bytes;

  private PortLoop(Region region, XdpProgram program) {
    this.memory = region.segment();
    this.pool = new FramePool(region, 4096);
    this.program = program;
    this.context = new XdpContext(region, 0);
  }

  private static Port open(String kind, String device, int ifindex, Region region)
      throws PortException {
    PortIdentity identity = new PortIdentity(device, ifindex, 0x02_0000_0000_00L + ifindex, 1500);
    TapOptions tap = TapOptions.of(device);
    return switch (kind) {
      case "tap" -> TapPort.open(identity, tap.withOffload(false), region);
      case "tap-offload" -> TapPort.open(identity, tap, region);
      case "tap-each" -> TapPort.open(identity, tap.withOffload(false).withBatched(false), region);
      case "ring" ->
          PacketRingPort.open(identity, PacketRingOptions.of(device).withOffload(false), region);
      case "pcap" -> PcapPort.open(identity, PcapOptions.of(device), region);
      case "xdp" -> XdpSocketPort.open(identity, XdpSocketOptions.of(device), region);
      default -> throw new IllegalArgumentException(kind + " is no kind of port");
    };
  }

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    Affinity affinity = Affinity.ofSystem().orElseThrow();
    try (Region region = Region.reserve(1L << 29);
        LoadedObject loaded =
            LoadedObject.load(
                ObjectReader.read(Path.of(args[4])),
                region,
                new LoadOptions(1, false, false, Set.of()));
        Port a = open(args[0], args[2], 1, region);
        Port b = args[3].equals("-") ? null : open(args[0], args[3], 2, region)) {
      affinity.bind(Integer.parseInt(args[5]));
      PortLoop loop = new PortLoop(region, loaded.programs().getFirst());
      loop.run(
          args[1], a.queue(0), b == null ? null : b.queue(0), seconds(args[6]), seconds(args[7]));
      a.queue(0).drain(loop.pool);
      if (b != null) {
        b.queue(0).drain(loop.pool);
      }
    }
  }

  private static long seconds(String text) {
    return (long) (Double.parseDouble(text) * 1e9);
  }

  private void run(String mode, PortQueue a, PortQueue b, long warm, long length) {
    round(mode, a, b); // a socket that needs the pool is made now
    System.out.println("ready");
    long begin = System.nanoTime() + warm;
    boolean warming = true;
    int idle = 0;
    long used = THREADS.getCurrentThreadCpuTime();
    try (Syscalls system = new Syscalls()) {
      int[] descriptors = {a.descriptor(), b == null ? -1 : b.descriptor()};
      while (true) {
        long now = System.nanoTime();
        if (warming && now >= begin) {
          warming = false;
          begin = now;
          used = THREADS.getCurrentThreadCpuTime();
          done = 0;
          bytes = 0;
        }
        if (now >= begin + length) {
          break;
        }
        if (round(mode, a, b) > 0) {
          idle = 0;
        } else if (++idle > IDLE_ROUNDS && b != null) {
          system.poll(descriptors, 2, 100);
        }
      }
    }
    System.out.printf(
        "frames %d bytes %d seconds %.6f cpu %.6f%n",
        done,
        bytes,
        (System.nanoTime() - begin) / 1e9,
        (THREADS.getCurrentThreadCpuTime() - used) / 1e9);
  }

  private int round(String mode, PortQueue a, PortQueue b) {
    return switch (mode) {
      case "receive" -> receive(a);
      case "swap" -> forward(a, a, true);
      default -> forward(a, b, false) + forward(b, a, false);
    };
  }

  private int receive(PortQueue from) {
    int count = from.receive(pool, frames, BATCH);
    judge(count);
    for (int i = 0; i < count; i++) {
      pool.release(frames[i]);
      frames[i] = null;
    }
    done += count;
    return count;
  }

  private int forward(PortQueue from, PortQueue to, boolean swap) {
    int count = from.receive(pool, frames, BATCH);
    int passed = judge(count);
    for (int i = 0; swap && i < passed; i++) {
      swap(frames[i].data);
    }
    int taken = passed == 0 ? 0 : to.transmit(pool, frames, passed);
    for (int i = 0; i < passed; i++) {
      if (i >= taken) {
        pool.release(frames[i]);
      } else {
        done++;
      }
      frames[i] = null;
    }
    to.poll(pool);
    return count;
  }

  /** Runs the program; leaves the frames that it passes at the front, and says how many. */
  private int judge(int count) {
    if (count == 0) {
      return 0;
    }
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      batch.frameStart[i] = frame.start;
      batch.dataMeta[i] = frame.data;
      batch.data[i] = frame.data;
      batch.dataEnd[i] = frame.dataEnd;
      batch.frameEnd[i] = frame.end;
      batch.ingressIfindex[i] = frame.ingress;
      batch.nanos[i] = frame.nanos;
    }
    batch.size = count;
    program.run(batch, context);
    int passed = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      bytes += frame.length();
      if (batch.verdict[i] == PASS) {
        frames[i] = null;
        frames[passed++] = frame;
      } else {
        pool.release(frame);
        frames[i] = null;
      }
    }
    return passed;
  }

  private void swap(long at) {
    MemorySegment.copy(memory, at, kept, 0, ADDRESS);
    MemorySegment.copy(memory, at + ADDRESS, memory, at, ADDRESS);
    MemorySegment.copy(kept, 0, memory, at + ADDRESS, ADDRESS);
  }
}
