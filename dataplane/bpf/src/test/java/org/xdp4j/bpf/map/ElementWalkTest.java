package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code bpf_for_each_map_elem} over a hash while elements leave their buckets and come into
 * others: it does not follow them there, so what stays is met once.
 */
class ElementWalkTest {
  private static final int STAYING = 60;
  private static final int MOVING = 4;
  private static final int WALKS = 3000;

  private final Region region = Region.reserve(1 << 24);

  private static byte[] key(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  /** Counts how often it meets each key that stays. */
  private final class Counting implements Subprograms {
    final int[] met = new int[STAYING];

    @Override
    public long call(
        XdpContext context,
        long function,
        long map,
        long key,
        long value,
        long r4,
        long r5,
        long fp) {
      int number = region.segment().get(Region.INT, key);
      if (number >= 0 && number < STAYING) {
        met[number]++;
      }
      return 0;
    }
  }

  @Test
  void whatStaysIsMetOnceWhileOthersMove() throws Exception {
    MapSpec spec = MapSpec.of("m", MapType.HASH, 4, 8, STAYING + MOVING, 0);
    BpfMap map = MapFactory.create(spec, region, 2);
    for (int i = 0; i < STAYING; i++) {
      assertThat(map.put(key(i), new byte[8], BpfMap.ANY)).isZero();
    }
    AtomicBoolean end = new AtomicBoolean();
    Thread mover =
        new Thread(
            () -> {
              for (int i = 0; !end.get(); i++) {
                map.put(key(1000 + i), new byte[8], BpfMap.ANY);
                map.remove(key(1000 + i - MOVING + 1));
              }
            });
    mover.start();
    XdpContext context = new XdpContext(region, 0);
    Counting counting = new Counting();
    context.subprograms = counting;
    for (int walk = 1; walk <= WALKS; walk++) {
      map.forEach(context, 0, 0);
      for (int i = 0; i < STAYING; i++) {
        if (counting.met[i] != walk) {
          end.set(true);
        }
        assertThat(counting.met[i]).as("key %d after %d walks", i, walk).isEqualTo(walk);
      }
    }
    end.set(true);
    mover.join();
    region.close();
  }
}
