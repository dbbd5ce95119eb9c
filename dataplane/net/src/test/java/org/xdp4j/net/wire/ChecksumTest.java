package org.xdp4j.net.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChecksumTest {
  private static int slow(byte[] bytes) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += (bytes[i] & 0xffL) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (int) ~sum & 0xffff;
  }

  @Test
  void theExampleOfRfc1071Holds() {
    byte[] example = HexFormat.of().parseHex("0001f203f4f5f6f7");

    assertThat(Checksum.of(MemorySegment.ofArray(example), 0, 8)).isEqualTo(~0xddf2 & 0xffff);
  }

  @Test
  void anyLengthAndOffsetAgreesWithTheDefinition() {
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[random.nextInt(70)];
      random.nextBytes(bytes);
      byte[] shifted = ByteBuffer.allocate(bytes.length + 3).put(3, bytes).array();
      assertThat(Checksum.of(MemorySegment.ofArray(shifted), 3, bytes.length))
          .isEqualTo(slow(bytes));
    }
  }

  @Test
  void anUpdateIsAsGoodAsComputingAgain() {
    Random random = new Random(4);
    for (int i = 0; i < 10_000; i++) {
      byte[] header = new byte[20];
      random.nextBytes(header);
      MemorySegment memory = MemorySegment.ofArray(header);
      Bytes.put16(memory, 10, 0);
      int before = Checksum.of(memory, 0, 20);
      int old = Bytes.u16(memory, 8);
      int fresh = random.nextInt(0x10000);
      Bytes.put16(memory, 8, fresh);
      assertThat(Checksum.update(before, old, fresh)).isEqualTo(Checksum.of(memory, 0, 20));
    }
  }

  @Test
  void oneHopLessIsAnUpdate() {
    for (int checksum = 0; checksum <= 0xffff; checksum++) {
      for (int word : new int[] {0x0100, 0x0211, 0x4006, 0xff00, 0xffff}) {
        assertThat(Checksum.decrement(checksum))
            .isEqualTo(Checksum.update(checksum, word, word - 0x100));
      }
    }
  }
}
