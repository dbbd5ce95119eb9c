package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapngReaderTest {
  private static CaptureBytes capture(ByteOrder order) {
    return new CaptureBytes(order);
  }

  /** Two sections, the second in the other byte order; every kind of packet block. */
  static byte[] manyKinds(boolean bigFirst) {
    ByteOrder first = bigFirst ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteOrder second = bigFirst ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    CaptureBytes a = capture(first).section("first");
    a.describe(
        LinkType.ETHERNET,
        0,
        a.body()
            .option(2, "eth0")
            .option(3, "uplink")
            .option(9, new byte[] {9})
            .option(1, "a comment on eth0")
            .option(14, capture(first).u64(1000).toBytes())
            .endOfOptions());
    a.describe(LinkType.ETHERNET, 96, a.body());
    a.block(4, a.body().u32(0)); // names
    a.packet(0, 5_000_000_001L, CaptureBytes.frame(61, 1));
    a.block(
        PcapngReader.ENHANCED_PACKET,
        a.packetBody(1, 7, CaptureBytes.frame(60, 2))
            .option(1, "look here")
            .option(2, new byte[] {1, 0, 0, 0})
            .endOfOptions());
    a.block(
        PcapngReader.PACKET, a.body().u16(1, 3).u32(0, 8, 14, 99).raw(CaptureBytes.frame(14, 3)));
    CaptureBytes b = capture(second).section("second");
    b.describe(LinkType.ETHERNET, 20, b.body());
    b.block(PcapngReader.SIMPLE_PACKET, b.body().u32(64).raw(CaptureBytes.frame(20, 4)));
    b.block(PcapngReader.SIMPLE_PACKET, b.body().u32(18).raw(CaptureBytes.frame(18, 5)));
    b.block(0xbad, b.body().raw(new byte[100]));
    return a.raw(b.toBytes()).toBytes();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sectionsInterfacesAndAllPacketBlocksAreRead(boolean bigFirst) {
    Records records = Records.of(manyKinds(bigFirst));

    assertThat(records.problem()).isNull();
    assertThat(records.seen())
        .containsExactly(
            seen(1_005_000_000_001L, 0, 61, CaptureBytes.frame(61, 1)),
            seen(7000, 1, 60, CaptureBytes.frame(60, 2)),
            seen(8000, 1, 99, CaptureBytes.frame(14, 3)),
            seen(0, 0, 64, CaptureBytes.frame(20, 4)),
            seen(0, 0, 18, CaptureBytes.frame(18, 5)));
  }

  private static Records.Seen seen(long nanos, int index, int length, byte[] frame) {
    return new Records.Seen(nanos, index, length, Records.hex(frame));
  }

  @Test
  void optionsAndCommentsAreThere() throws IOException {
    List<String> comments = new ArrayList<>();
    try (CaptureReader reader =
        CaptureReader.open(new ByteArrayInputStream(manyKinds(true)), "many")) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.sectionComments()).containsExactly("first");
      CaptureInterface eth0 = reader.source();
      assertThat(eth0.name()).isEqualTo("eth0");
      assertThat(eth0.description()).isEqualTo("uplink");
      assertThat(eth0.resolution()).isEqualTo(TimestampResolution.NANO);
      assertThat(eth0.offsetSeconds()).isEqualTo(1000);
      assertThat(eth0.comments()).containsExactly("a comment on eth0");
      while (reader.next()) {
        comments.addAll(reader.comments());
      }
      assertThat(reader.sectionComments()).containsExactly("second");
      assertThat(reader.sections()).isEqualTo(2);
    }
    assertThat(comments).containsExactly("look here");
  }

  @Test
  void theSummaryCountsWhatIsThere() throws IOException {
    try (CaptureReader reader =
        CaptureReader.open(new ByteArrayInputStream(manyKinds(false)), "many")) {
      CaptureSummary summary = CaptureSummary.of(reader);
      assertThat(summary.frames()).isEqualTo(5);
      assertThat(summary.sections()).isEqualTo(2);
      assertThat(summary.capturedBytes()).isEqualTo(61 + 60 + 14 + 20 + 18);
      assertThat(summary.originalBytes()).isEqualTo(61 + 60 + 99 + 64 + 18);
      assertThat(summary.largest()).isEqualTo(61);
      assertThat(summary.inOrder()).isFalse();
      assertThat(summary.interfaces()).hasSize(3);
      assertThat(summary.comments()).containsExactly("first", "look here", "second");
      assertThat(summary.problem()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "6, 1600000000123456, 0, 1600000000123456000",
    "9, 1600000000123456789, 0, 1600000000123456789",
    "0, 1600000000, 5, 1600000005000000000",
    "3, 1600000000123, -1, 1599999999123000000",
    "12, 1600000000123456789, 0, 1600000000123456",
    "127, -1, 0, 0",
    "138, 1024, 0, 1000000000",
    "160, 4294967296, 0, 1000000000",
    "160, 2147483648, 0, 500000000",
    "192, -1, 0, 999999999",
    "6, -1, 0, 9223372036854775807",
  })
  void timestampsOfAnyResolutionBecomeNanoseconds(
      int octet, long units, long offsetSeconds, long nanos) {
    assertThat(TimestampResolution.ofOption(octet).toNanos(units, offsetSeconds)).isEqualTo(nanos);
  }

  @Test
  void everyTruncationDeliversTheWholeRecordsAndSaysWhereItEnded() {
    byte[] whole = manyKinds(false);
    List<Records.Seen> all = Records.of(whole).seen();
    int previous = 0;
    int atBoundaries = 0;
    for (int length = 28; length < whole.length; length++) {
      Records read = Records.of(Arrays.copyOf(whole, length));
      int now = read.seen().size();
      assertThat(read.seen()).isEqualTo(all.subList(0, now));
      assertThat(now).isGreaterThanOrEqualTo(previous);
      previous = now;
      if (read.problem() == null) {
        atBoundaries++;
      } else {
        assertThat(read.problem()).hasMessageContaining("ends at byte " + length + ", within the");
      }
    }
    assertThat(atBoundaries).isEqualTo(11);
  }

  @Test
  void lyingBlocksAreNamedByTheirByte() {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    byte[] head = capture(order).section("x").toBytes();
    String at = "made.cap: at byte " + head.length + ": ";
    CaptureBytes noInterface = capture(order).raw(head).packet(0, 1, new byte[14]);
    assertProblem(
        noInterface,
        at + "the packet block names interface 0, but the section has described only 0");
    assertProblem(
        capture(order).raw(head).u32(1, 13).raw(new byte[20]),
        at + "the interface description has the impossible length 13");
    assertProblem(
        capture(order).raw(head).u32(6, 0x7ffffffc).raw(new byte[20]),
        at + "the packet block claims 2147483644 bytes, more than 16777216");
    assertProblem(
        capture(order).raw(head).u32(99, 16, 0, 20),
        at + "the block has the length 16 in front but 20 at its end");
    CaptureBytes described = capture(order).raw(head);
    described.describe(1, 0, described.body());
    String second = "made.cap: at byte " + described.size() + ": ";
    CaptureBytes tooMuch =
        capture(order)
            .raw(described.toBytes())
            .u32(6, 48, 0, 0, 0, 17, 17)
            .raw(new byte[16])
            .u32(48);
    assertProblem(
        tooMuch,
        second
            + "the packet block claims to hold 17 bytes of a frame, more than the 16 there is room"
            + " for in it");
  }

  private static void assertProblem(CaptureBytes capture, String message) {
    assertThat(Records.of(capture.toBytes()).problem()).hasMessage(message);
  }
}
