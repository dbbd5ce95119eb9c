package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;

/** Locks in map values keep workers and user space apart, and nobody sees or overwrites them. */
class SpinLocksTest {
  private static final int THREADS = 3;
  private static final int RUNS = 4000;
  private static final byte[] SECOND = {1, 0, 0, 0};

  @TempDir Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  private BpfObject object() throws Exception {
    return Clang.build(folder, "locks.bpf.c", "-O2", "-g", "-mcpu=v3");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noUpdateUnderALockIsLost(boolean interpret) throws Exception {
    LoadOptions options = new LoadOptions(THREADS, interpret, false, Set.of("count_in_array"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object(), region, options)) {
      BpfMap array = loaded.map("array").orElseThrow();
      XdpProgram program = loaded.program("count_in_array").orElseThrow();
      AtomicBoolean torn = new AtomicBoolean();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        XdpContext context = new XdpContext(region, i);
        threads.add(Thread.ofPlatform().start(() -> count(program, context, array, torn)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      ByteBuffer value = ByteBuffer.wrap(array.get(SECOND)).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(value.getLong(8)).isEqualTo(THREADS * RUNS);
      assertThat(value.getLong(16)).isEqualTo(2L * THREADS * RUNS);
      assertThat(torn).isFalse();
      assertThat(program.faults()).isZero();
    }
  }

  /** Runs the program, and reads under the lock in between: the two counters always belong. */
  private static void count(
      XdpProgram program, XdpContext context, BpfMap array, AtomicBoolean torn) {
    for (int i = 0; i < RUNS; i++) {
      program.run(context);
      if (i % 16 == 0) {
        ByteBuffer value = ByteBuffer.wrap(array.getLocked(SECOND)).order(ByteOrder.LITTLE_ENDIAN);
        if (value.getLong(16) != 2 * value.getLong(8)) {
          torn.set(true);
        }
      }
    }
  }

  @Test
  void locksAreNobodysToReadOrWrite() throws Exception {
    LoadOptions options = new LoadOptions(1, false, false, Set.of("count_in_array"));
    try (Region region = Region.reserve(1 << 24);
        LoadedObject loaded = LoadedObject.load(object(), region, options)) {
      BpfMap array = loaded.map("array").orElseThrow();
      MapSpec spec = array.spec();
      assertThat(spec.fields()).containsExactly(new SpecialField(SpecialField.Kind.SPIN_LOCK, 4));
      byte[] value = new byte[24];
      Arrays.fill(value, (byte) 0xff);
      assertThat(array.put(SECOND, value, BpfMap.ANY)).isZero();
      assertThat(array.put(SECOND, value, BpfMap.F_LOCK)).isZero();
      assertThat(array.put(SECOND, value, 8)).isEqualTo(Errno.EINVAL);
      Arrays.fill(value, 4, 8, (byte) 0);
      assertThat(array.get(SECOND)).isEqualTo(value);
      assertThat(array.getLocked(SECOND)).isEqualTo(value);
    }
  }
}
