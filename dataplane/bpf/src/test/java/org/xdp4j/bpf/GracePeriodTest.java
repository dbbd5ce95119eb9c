package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.VerifiedProgram;
import org.xdp4j.bpf.verifier.Verifier;

/**
 * A program goes on reading the value that it looked up in an LPM trie, however much others change
 * the map before it gets the CPU back: Linux frees it after an RCU grace period.
 */
class GracePeriodTest {
  private static final int CHANGES = 1000;

  /** Looks up the key of zeros, lets others run, and passes the frame if its value is the same. */
  private static final String PROGRAM =
      """
      r1 = %d
      *(u32 *)(r10 - 24) = r1
      r1 = 0
      *(u32 *)(r10 - 20) = r1
      *(u64 *)(r10 - 16) = r1
      *(u64 *)(r10 - 8) = r1
      r2 = r10
      r2 += -24
      r1 = map[0] ll
      call 1
      if r0 == 0 goto out
      r6 = r0
      r7 = *(u64 *)(r6 + 0)
      r1 = 120
      *(u64 *)(r10 - 32) = r1
      r1 = r10
      r1 += -32
      r2 = 2
      call 6
      r8 = *(u64 *)(r6 + 0)
      r0 = 2
      if r7 == r8 goto end
      out: r0 = 1
      end: exit
      """;

  private final Region region = Region.reserve(1 << 26);
  private final XdpContext context = new XdpContext(region, 0);
  private BpfMap map;
  private int dataSize;
  private long written;

  @AfterEach
  void close() {
    region.close();
  }

  private XdpProgram load(int bytes) throws Exception {
    dataSize = bytes;
    MapSpec spec = MapSpec.of("routes", MapType.LPM_TRIE, 4 + bytes, 8, 300, MapSpec.F_NO_PREALLOC);
    map = MapFactory.create(spec, region, 1);
    put(8 * bytes, 0);
    VerifiedProgram verified =
        Verifier.verify(
            BpfProgram.of(Assembler.assemble(PROGRAM.formatted(8 * bytes))), List.of(spec));
    return new XdpProgram(verified, Compiler.compile(verified, List.of(map), region));
  }

  private byte[] key(int length, int first) {
    byte[] key = new byte[4 + dataSize];
    ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).putInt(length).put((byte) first);
    return key;
  }

  private void put(int length, int first) {
    byte[] value = new byte[8];
    ByteBuffer.wrap(value).putLong(++written);
    assertThat(map.put(key(length, first), value, BpfMap.ANY)).isZero();
  }

  /** Replaces the value that programs look up, and adds and removes others. */
  private void change() {
    put(8 * dataSize, 0);
    for (int i = 0; i < CHANGES; i++) {
      put(8, 1 + i % 100);
      assertThat(map.remove(key(8, 1 + i % 100))).isZero();
    }
  }

  private EventSink inTheMiddle(Runnable doing) {
    return new EventSink() {
      @Override
      public void printk(int cpu, String text) {
        doing.run();
      }

      @Override
      public boolean perfEvent(String name, int cpu, byte[] data) {
        return true;
      }
    };
  }

  /** IPv4 with a table, IPv6, and a key that has neither. */
  @ParameterizedTest
  @ValueSource(ints = {4, 16, 20})
  void aValueThatWasLookedUpStaysWhileTheRunGoesOn(int bytes) throws Exception {
    XdpProgram program = load(bytes);
    context.events = inTheMiddle(this::change);
    for (int i = 0; i < 20; i++) {
      assertThat(program.run(context)).as("run %d", i).isEqualTo(2);
    }
    XdpBatch batch = new XdpBatch(16);
    batch.size = 16;
    program.run(batch, context);
    assertThat(batch.verdict).containsOnly(2);
    assertThat(program.faults()).isZero();
  }

  /** Also where the program of a device map's entry meets the map within another one's run. */
  @ParameterizedTest
  @ValueSource(ints = {4, 16})
  void aRunWithinARunDoesNotEndIt(int bytes) throws Exception {
    XdpProgram program = load(bytes);
    context.events =
        inTheMiddle(
            () -> {
              XdpContext own = context;
              EventSink outer = own.events;
              own.events = EventSink.NONE;
              program
                  .holding()
                  .executable(MapType.DEVMAP)
                  .execute(own, own.stackTop - XdpContext.STACK_SIZE);
              own.events = outer;
              change();
            });
    assertThat(program.run(context)).isEqualTo(2);
  }

  /** Between runs what was freed is used again: changes without end take no memory without end. */
  @ParameterizedTest
  @ValueSource(ints = {4, 16, 20})
  void memoryIsUsedAgainAfterTheRun(int bytes) throws Exception {
    XdpProgram program = load(bytes);
    context.events = inTheMiddle(this::change);
    program.run(context);
    long free = region.free();
    for (int i = 0; i < 50; i++) {
      program.run(context);
    }
    assertThat(region.free()).isGreaterThan(free - (64 << 10));
  }
}
