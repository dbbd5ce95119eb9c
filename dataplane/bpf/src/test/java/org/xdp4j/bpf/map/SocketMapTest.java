package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelCommands;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** Maps of sockets are empty, and say so as Linux does. */
class SocketMapTest {
  private static final int OPERATIONS = 500;

  private final Region region = Region.reserve(1 << 20);

  @AfterEach
  void close() {
    region.close();
  }

  @Covers({"SOCKMAP", "SOCKHASH"})
  @ParameterizedTest
  @CsvSource({
    "SOCKMAP, 4, 4",
    "SOCKMAP, 4, 8",
    "SOCKHASH, 4, 4",
    "SOCKHASH, 8, 8",
    "SOCKHASH, 512, 8"
  })
  void anEmptyMapAnswersAsInLinux(MapType type, int key, int value) throws MapException {
    KernelOracle.assumeAvailable();
    MapSpec spec = MapSpec.of("sockets", type, key, value, 4, 0);
    Random random = new Random(5);
    try (KernelMap theirs = KernelMap.create(spec)) {
      BpfMap map = MapFactory.create(spec, region, 1);
      MapCommands ours = new MapCommands(map);
      KernelCommands kernel = new KernelCommands(theirs);
      for (int i = 0; i < OPERATIONS; i++) {
        byte[] at = new byte[key];
        at[0] = (byte) random.nextInt(6);
        byte[] file = new byte[value];
        random.nextBytes(file);
        file[3] = (byte) (random.nextBoolean() ? 0x7f : 0x80);
        if (value > Integer.BYTES && random.nextBoolean()) {
          Arrays.fill(file, Integer.BYTES, value, (byte) 0);
        }
        long flags = random.nextInt(4);
        assertThat(ours.lookup(at, 0).error()).isEqualTo(kernel.lookup(at, 0).error());
        assertThat(ours.delete(at)).isEqualTo(kernel.delete(at));
        assertThat(ours.update(at, file, flags)).isEqualTo(kernel.update(at, file, flags));
        byte[] from = random.nextInt(3) == 0 ? null : at;
        assertThat(ours.nextKey(from).error()).isEqualTo(kernel.nextKey(from).error());
        assertThat(ours.nextKey(from).bytes()).isEqualTo(kernel.nextKey(from).bytes());
      }
      assertThat(map.keys()).isEmpty();
      assertThat(map.countEntries()).isZero();
    }
  }
}
