package org.xdp4j.bpf.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random packets, some too short for what programs check. */
public final class Packets {
  private Packets() {}

  /** The packets of this seed. */
  public static List<byte[]> generate(long seed, int count) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(~seed);
    List<byte[]> packets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] packet = new byte[i == 0 ? 14 + random.nextInt(30) : 40 + random.nextInt(200)];
      random.nextBytes(packet);
      packets.add(packet);
    }
    return packets;
  }
}
