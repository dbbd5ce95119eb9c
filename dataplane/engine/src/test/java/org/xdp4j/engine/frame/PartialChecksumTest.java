package org.xdp4j.engine.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;

/**
 * What a sender left to a device is completed; what it had completed stays what it was, though it
 * looks the same. The other end of a veth pair, which leaves all of it, is in the lab of that name.
 */
class PartialChecksumTest {
  private static final int MTU = 1500;
  private static final int CASES = 20_000;

  private final Region region = Region.reserve(64 << 20);
  private final MemorySegment memory = region.segment();
  private final FramePool pool = new FramePool(region, 64);
  private final SplittableRandom random = new SplittableRandom(20_261_128);

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  /** A packet of one transport, its checksum right, and the sum its pseudo header comes to. */
  private final class Packet {
    final boolean tcp = random.nextBoolean();
    final boolean version6 = random.nextBoolean();
    final int link = 14 + 4 * random.nextInt(3);
    final int ip = version6 ? 40 : 20 + 4 * random.nextInt(0, 3);
    final int upper = (tcp ? 20 : 8) + random.nextInt(200);
    final Frame frame = pool.acquire(link + ip + upper);
    final long at = frame.data + link;
    final long field = at + ip + (tcp ? 16 : 6);
    final int pseudo;

    Packet() {
      byte[] bytes = new byte[frame.length()];
      random.nextBytes(bytes);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, frame.data, bytes.length);
      for (int tag = 12; tag < link - 2; tag += 4) {
        Bytes.put16(memory, frame.data + tag, tag == 12 && link > 18 ? 0x88a8 : 0x8100);
      }
      Bytes.put16(memory, at - 2, version6 ? 0x86dd : 0x0800);
      int protocol = tcp ? 6 : 17;
      long sum;
      if (version6) {
        Bytes.put32(memory, at, 0x6000_0000);
        Bytes.put32(memory, at + 4, upper << 16 | protocol << 8 | 64);
        sum = Checksum.pseudoHeader6(memory, at, protocol, upper);
      } else {
        Bytes.put32(memory, at, 0x4000_0000 | ip / 4 << 24 | ip + upper);
        Bytes.put32(memory, at + 4, 0x0007_4000);
        Bytes.put32(memory, at + 8, 0x4000_0000 | protocol << 16);
        sum =
            Checksum.pseudoHeader4(
                Bytes.i32(memory, at + 12), Bytes.i32(memory, at + 16), protocol, upper);
      }
      pseudo = ~Checksum.finish(sum) & 0xffff;
      Bytes.put16(memory, field, 0);
      seal();
    }

    private long withPseudo() {
      return Checksum.sum(memory, at + ip, upper, pseudo);
    }

    private void seal() {
      int value = Checksum.finish(withPseudo());
      Bytes.put16(memory, field, value == 0 && !tcp ? 0xffff : value);
    }

    boolean isRight() {
      return Checksum.finish(withPseudo()) == 0;
    }

    /** Changes the payload so that the checksum, which is right, is the pseudo header's sum. */
    void coincide() {
      long word = at + ip + (tcp ? 4 : 0);
      int value = Bytes.u16(memory, word);
      Bytes.put16(memory, field, pseudo);
      Bytes.put16(memory, word, 0);
      int rest = Checksum.finish(withPseudo());
      Bytes.put16(memory, word, rest);
      assertThat(value).isNotNegative();
    }
  }

  @Test
  void theChecksumOfSctpIsMadeAtOnceWhereThereIsNone() {
    byte[] ip = new byte[20 + 12 + 16];
    ip[0] = 0x45;
    ip[3] = (byte) ip.length;
    ip[8] = 64;
    ip[9] = (byte) 132;
    for (int i = 20; i < ip.length; i++) {
      ip[i] = (byte) (i < 28 || i >= 32 ? i : 0);
    }
    CRC32C crc = new CRC32C();
    crc.update(ip, 20, ip.length - 20);
    Frame frame = pool.acquire(14 + ip.length);
    Bytes.put16(memory, frame.data + 12, 0x0800);
    MemorySegment.copy(ip, 0, memory, ValueLayout.JAVA_BYTE, frame.data + 14, ip.length);
    assertThat(PartialChecksum.mark(memory, frame, MTU)).isTrue();
    long field = frame.data + 14 + 28;
    int made = Integer.reverseBytes(Bytes.i32(memory, field));
    assertThat(made).isEqualTo((int) crc.getValue()).isNotZero();
    assertThat(frame.checksumPartial).isFalse();
    assertThat(PartialChecksum.mark(memory, frame, MTU)).as("it has one").isFalse();
    assertThat(Integer.reverseBytes(Bytes.i32(memory, field))).isEqualTo(made);
    pool.release(frame);
  }

  @Test
  void whatIsPartialIsCompletedAndWhatIsCompleteStaysAsItIs() {
    int byChance = 0;
    for (int i = 0; i < CASES; i++) {
      Packet packet = new Packet();
      Frame frame = packet.frame;
      if (i % 3 == 0) {
        Bytes.put16(memory, packet.field, packet.pseudo);
      } else if (i % 3 == 1) {
        packet.coincide();
      }
      int before = Bytes.u16(memory, packet.field);
      boolean marked = PartialChecksum.mark(memory, frame, MTU);
      assertThat(frame.checksumPartial).isEqualTo(marked);
      if (i % 3 == 2) {
        byChance += marked ? 1 : 0;
      } else {
        assertThat(marked).isTrue();
        frame.completeChecksum(memory);
      }
      assertThat(packet.isRight()).isTrue();
      if (i % 3 == 1) {
        assertThat(Bytes.u16(memory, packet.field)).isEqualTo(before);
      }
      pool.release(frame);
    }
    assertThat(byChance).isLessThan(5);
  }

  @Test
  void aProgramThatChangedACompleteChecksumWasRight() {
    for (int i = 0; i < CASES; i++) {
      Packet packet = new Packet();
      packet.coincide();
      assertThat(PartialChecksum.mark(memory, packet.frame, MTU)).isTrue();
      long port = packet.at + packet.ip;
      int old = Bytes.u16(memory, port);
      int fresh = random.nextInt(1 << 16);
      Bytes.put16(memory, port, fresh);
      int sum = Checksum.update(packet.pseudo, old, fresh);
      Bytes.put16(memory, packet.field, sum == 0 && !packet.tcp ? 0xffff : sum);
      packet.frame.completeChecksum(memory);
      assertThat(packet.frame.checksumPartial).isFalse();
      assertThat(packet.isRight()).isTrue();
      pool.release(packet.frame);
    }
  }

  @Test
  void aLargeSegmentIsCutAsTheLinksAllow() {
    int upper = 20 + 10_000;
    Frame frame = pool.acquire(14 + 20 + upper);
    long ip = frame.data + 14;
    Bytes.clear(memory, frame.data, frame.length());
    Bytes.put16(memory, ip - 2, 0x0800);
    Bytes.put32(memory, ip, 0x4500_0000 | 20 + upper);
    Bytes.put32(memory, ip + 8, 0x4006_0000);
    Bytes.put32(memory, ip + 12, 0x0a00_0001);
    Bytes.put32(memory, ip + 16, 0x0a00_0002);
    Bytes.put16(memory, ip + 32, 0x5010);
    int sum = ~Checksum.finish(Checksum.pseudoHeader4(0x0a00_0001, 0x0a00_0002, 6, upper)) & 0xffff;
    Bytes.put16(memory, ip + 36, sum);
    assertThat(PartialChecksum.mark(memory, frame, MTU)).isTrue();
    assertThat(frame.segmentTo).isEqualTo(MTU);
    assertThat(frame.gsoSize).isEqualTo(MTU - 40);
    assertThat(frame.segmentFor(9000)).isEqualTo(MTU);
    assertThat(frame.segmentFor(1400)).isEqualTo(1400);
    assertThat(frame.gsoSize).isEqualTo(1360);
    pool.release(frame);
  }

  @Test
  void noBytesAreReadThatAreNotThere() {
    for (int i = 0; i < CASES; i++) {
      Packet packet = new Packet();
      Bytes.put16(memory, packet.field, packet.pseudo);
      Frame frame = packet.frame;
      frame.dataEnd = frame.data + random.nextInt(frame.length());
      assertThat(PartialChecksum.mark(memory, frame, MTU)).isFalse();
      pool.release(frame);
    }
  }
}
