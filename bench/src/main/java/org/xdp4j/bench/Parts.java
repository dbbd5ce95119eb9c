package org.xdp4j.bench;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.net.flow.FlowHash;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * The small parts of a frame's way, one at a time, as JMH measures them. Each works on one of many
 * keys or frames in turn, so that nothing is a constant.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Parts {
  private static final int KEYS = 1 << 12;
  private static final int ENTRIES = 1 << 16;
  private static final int FRAME = 1536;
  private static final int KEY_SIZE = 8;
  private static final int VALUE_SIZE = 16;
  private static final long SEED = 42;

  private final SpscVarHandleArrayQueue<Object> ring = new SpscVarHandleArrayQueue<>(1024);
  private final FlowHash flowHash = new FlowHash();
  private final int[] destinations = new int[KEYS];
  private final Fib fib = new Fib(false);

  private Region region;
  private MemorySegment memory;
  private long keys;
  private long frames;
  private BpfMap hash;
  private BpfMap lru;
  private BpfMap perCpuHash;
  private BpfMap trie;
  private int next;

  /** Fills tables and frames. */
  @Setup
  public void fill() throws MapException {
    region = Region.reserve(1L << 29);
    memory = region.segment();
    keys = region.allocate((long) KEYS * KEY_SIZE, 64);
    frames = region.allocate((long) 64 * FRAME, 64);
    SplittableRandom random = new SplittableRandom(SEED);
    hash = map(MapType.HASH, 0);
    lru = map(MapType.LRU_HASH, 0);
    perCpuHash = map(MapType.PERCPU_HASH, 0);
    trie = map(MapType.LPM_TRIE, MapSpec.F_NO_PREALLOC);
    for (int i = 0; i < ENTRIES; i++) {
      int address = random.nextInt();
      byte[] key = new byte[KEY_SIZE];
      MemorySegment.ofArray(key).set(Region.INT, 0, 24);
      MemorySegment.ofArray(key).set(Region.INT, 4, address);
      for (BpfMap map : new BpfMap[] {hash, lru, perCpuHash, trie}) {
        map.put(key, new byte[VALUE_SIZE], BpfMap.ANY);
      }
      IpPrefix prefix = new IpPrefix(IpAddress.of(Integer.reverseBytes(address)), 24).network();
      fib.put(Route.via(prefix, new NextHop(1, null)));
      if (i < KEYS) {
        MemorySegment.copy(key, 0, memory, Region.BYTE, keys + (long) i * KEY_SIZE, KEY_SIZE);
        destinations[i] = Integer.reverseBytes(address);
      }
    }
    for (int i = 0; i < 64; i++) {
      frame(frames + (long) i * FRAME, random);
    }
  }

  private BpfMap map(MapType type, int flags) throws MapException {
    return MapFactory.create(
        MapSpec.of(type.name(), type, KEY_SIZE, VALUE_SIZE, ENTRIES, flags), region, 2);
  }

  private void frame(long at, SplittableRandom random) {
    for (int i = 0; i < FRAME; i += 4) {
      memory.set(Region.INT, at + i, random.nextInt());
    }
    memory.set(Region.SHORT, at + 12, (short) 0x0008);
    memory.set(Region.INT, at + 14, 0xdc050045);
    memory.set(Region.INT, at + 20, 0x11400000);
  }

  /** Gives the memory back. */
  @TearDown
  public void close() {
    region.close();
  }

  private int turn() {
    next = next + 1 & KEYS - 1;
    return next;
  }

  private long key() {
    return keys + (long) turn() * KEY_SIZE;
  }

  private long frame() {
    return frames + (long) (turn() & 63) * FRAME;
  }

  /** One frame into a ring and out of it, on one thread. */
  @Benchmark
  public Object ringOfferAndPoll() {
    ring.offer(this);
    return ring.poll();
  }

  /** What a frame is dispatched by. */
  @Benchmark
  public int flowHashOfUdp() {
    return flowHash.hash(memory, frame(), 64);
  }

  /** An IPv4 header's checksum. */
  @Benchmark
  public int checksumOf20Bytes() {
    return Checksum.of(memory, frame() + 14, 20);
  }

  /** A full frame's. */
  @Benchmark
  public int checksumOf1500Bytes() {
    return Checksum.of(memory, frame() + 14, 1500);
  }

  /** A load of the programs' memory. */
  @Benchmark
  public int checkedLoad() {
    return (int) Region.INT_AT.get(memory, frame() + 26);
  }

  /** A route among 65,536. */
  @Benchmark
  public Route fibLookup() {
    return fib.lookup(destinations[turn()]);
  }

  /** An entry of 65,536. */
  @Benchmark
  public long hashLookup() {
    return hash.lookup(key(), 0);
  }

  /** The same that notes its use. */
  @Benchmark
  public long lruHashLookup() {
    return lru.lookup(key(), 0);
  }

  /** The same with a value a CPU. */
  @Benchmark
  public long perCpuHashLookup() {
    return perCpuHash.lookup(key(), 0);
  }

  /** A prefix of 65,536. */
  @Benchmark
  public long lpmTrieLookup() {
    return trie.lookup(key(), 0);
  }
}
