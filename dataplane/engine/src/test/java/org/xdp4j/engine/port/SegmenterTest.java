package org.xdp4j.engine.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.net.wire.Checksum;

class SegmenterTest {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int SEQUENCE = 0xffff_ff00; // so that it wraps

  private final Region region = Region.reserve(64 << 20);
  private final MemorySegment memory = region.segment();
  private final FramePool pool = new FramePool(region, 64);
  private final Segmenter segmenter = new Segmenter(memory);
  private final Random random = new Random(1);

  @AfterEach
  void everyFrameIsBack() {
    pool.close();
    region.close();
  }

  /** A frame with a payload, of TCP or UDP, over IPv4 or IPv6, tagged or not. */
  private Frame frame(boolean tcp, boolean version6, boolean tag, int payload, int size) {
    int ip = 14 + (tag ? 4 : 0);
    int transport = ip + (version6 ? 40 : 20);
    int headers = transport + (tcp ? 20 : 8);
    Frame frame = pool.acquire(headers + payload);
    byte[] bytes = new byte[headers + payload];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, frame.data, bytes.length);
    if (tag) {
      memory.set(INT, frame.data + 12, 0x8100_0064);
    }
    memory.set(SHORT, frame.data + ip - 2, (short) (version6 ? 0x86dd : 0x0800));
    long at = frame.data + ip;
    int protocol = tcp ? 6 : 17;
    if (version6) {
      memory.set(INT, at, 0x6000_0000);
      memory.set(INT, at + 4, (headers - transport + payload & 0xffff) << 16 | protocol << 8 | 64);
    } else {
      memory.set(INT, at, 0x4500_0000 | headers - ip + payload & 0xffff);
      memory.set(INT, at + 4, 0x0007_4000);
      memory.set(INT, at + 8, 0x4000_0000 | protocol << 16);
    }
    if (tcp) {
      memory.set(INT, frame.data + transport + 4, SEQUENCE);
      memory.set(SHORT, frame.data + transport + 12, (short) 0x5099); // CWR, ACK, PSH, FIN
    }
    frame.checksumPartial = true;
    frame.segmentTo = size == 0 ? 0 : size + headers - ip;
    return frame;
  }

  private long sum(Frame frame, boolean tcp, boolean version6, boolean tag) {
    long ip = frame.data + 14 + (tag ? 4 : 0);
    long transport = ip + (version6 ? 40 : 20);
    int upper = (int) (frame.dataEnd - transport);
    int protocol = tcp ? 6 : 17;
    long pseudo =
        version6
            ? Checksum.pseudoHeader6(memory, ip, protocol, upper)
            : Checksum.pseudoHeader4(
                memory.get(INT, ip + 12), memory.get(INT, ip + 16), protocol, upper);
    return Checksum.finish(Checksum.sum(memory, transport, upper, pseudo));
  }

  @ParameterizedTest
  @CsvSource({
    "true, false, false, 5000, 1448",
    "true, false, true, 60000, 1448",
    "true, true, false, 4344, 1448",
    "true, true, true, 1449, 1448",
    "true, false, false, 10, 1448",
    "false, false, false, 7001, 1000",
    "false, true, true, 3000, 1000",
  })
  void piecesAreWholePacketsThatJoinToTheWhole(
      boolean tcp, boolean version6, boolean tag, int payload, int size) throws Exception {
    Frame frame = frame(tcp, version6, tag, payload, size);
    int headers = frame.length() - payload;
    int ip = 14 + (tag ? 4 : 0);
    Frame[] pieces = new Frame[64];
    int count = segmenter.pieces(frame);
    assertThat(count).isEqualTo((payload + size - 1) / size);
    assertThat(segmenter.cut(pool, frame, pieces)).isEqualTo(count);

    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      Frame piece = pieces[i];
      assertThat(Segmenter.concerns(piece)).isFalse();
      assertThat(sum(piece, tcp, version6, tag)).isZero();
      if (!version6) {
        assertThat(Checksum.of(memory, piece.data + ip, 20)).isZero();
        assertThat(memory.get(SHORT, piece.data + ip + 2)).isEqualTo((short) (piece.length() - ip));
        assertThat(memory.get(SHORT, piece.data + ip + 4)).isEqualTo((short) (7 + i));
      }
      if (tcp) {
        long at = piece.data + headers - 20;
        assertThat(memory.get(INT, at + 4)).isEqualTo(SEQUENCE + i * size);
        int flags = memory.get(SHORT, at + 12) & 0xff;
        assertThat(flags).isEqualTo(0x10 | (i == 0 ? 0x80 : 0) | (i == count - 1 ? 0x09 : 0));
      }
      joined.write(
          memory
              .asSlice(piece.data + headers, piece.length() - headers)
              .toArray(ValueLayout.JAVA_BYTE));
      pool.release(piece);
    }
    assertThat(joined.toByteArray())
        .isEqualTo(memory.asSlice(frame.data + headers, payload).toArray(ValueLayout.JAVA_BYTE));
    pool.release(frame);
  }

  @Test
  void aPartialChecksumIsCompleted() {
    Frame frame = frame(true, false, false, 333, 0);
    long transport = frame.data + 34;
    int pseudo =
        ~Checksum.finish(
                Checksum.pseudoHeader4(
                    memory.get(INT, frame.data + 26), memory.get(INT, frame.data + 30), 6, 353))
            & 0xffff;
    memory.set(SHORT, transport + 16, (short) pseudo);
    segmenter.complete(frame);
    assertThat(frame.checksumPartial).isFalse();
    assertThat(sum(frame, true, false, false)).isZero();
    pool.release(frame);
  }

  @Test
  void whereThePoolHasNotAsManyNothingIsTaken() {
    Frame frame = frame(true, false, false, 60_000, 536);
    int before = pool.inUse();
    assertThat(segmenter.cut(pool, frame, new Frame[segmenter.pieces(frame)])).isZero();
    assertThat(pool.inUse()).isEqualTo(before);
    pool.release(frame);
  }
}
