package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PcapReaderTest {
  @TempDir Path folder;

  static Stream<Arguments> variants() {
    return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)
        .flatMap(
            order ->
                Stream.of(
                    Arguments.of(order, PcapReader.MAGIC_MICRO, 1000L),
                    Arguments.of(order, PcapReader.MAGIC_NANO, 1L)));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void bothByteOrdersAndResolutionsReadTheSame(ByteOrder order, int magic, long nanosPerUnit) {
    byte[] frame = CaptureBytes.frame(60, 1);
    byte[] capture =
        new CaptureBytes(order)
            .pcapHeader(magic, LinkType.ETHERNET)
            .pcapRecord(1_600_000_000L, 123_456, frame)
            .pcapRecord(4_000_000_000L, 999_999, CaptureBytes.frame(1500, 7))
            .toBytes();

    Records records = Records.of(capture);

    assertThat(records.problem()).isNull();
    assertThat(records.seen())
        .extracting(Records.Seen::nanos)
        .containsExactly(
            1_600_000_000_000_000_000L + 123_456 * nanosPerUnit,
            4_000_000_000_000_000_000L + 999_999 * nanosPerUnit);
    assertThat(records.seen().getFirst().frame()).isEqualTo(Records.hex(frame));
  }

  @Test
  void anyLinkTypeIsReported() throws IOException {
    byte[] capture =
        new CaptureBytes(ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(PcapReader.MAGIC_MICRO, 113 | 1 << 26 | 2 << 28)
            .toBytes();

    try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(capture), "sll")) {
      CaptureInterface only = reader.interfaces().getFirst();
      assertThat(only.linkType()).isEqualTo(113);
      assertThat(LinkType.name(only.linkType())).isEqualTo("LINUX_SLL");
      assertThat(only.fcsLength()).isEqualTo(4);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void aRecordBeyondTheLimitNamesFileByteAndReason() throws IOException {
    Path file = folder.resolve("lying.pcap");
    CaptureBytes capture =
        new CaptureBytes(ByteOrder.BIG_ENDIAN)
            .pcapHeader(PcapReader.MAGIC_MICRO, 1)
            .pcapRecord(1, 2, CaptureBytes.frame(60, 0))
            .u32(1, 2, 300_000, 300_000)
            .raw(new byte[300_000]);
    Files.write(file, capture.toBytes());

    Records records = Records.of(file);

    assertThat(records.seen()).hasSize(1);
    assertThat(records.problem())
        .hasMessage(
            file
                + ": at byte 100: the record claims to hold 300000 bytes, more than the 262144 a"
                + " record may hold");
    assertThat(records.problem().offset()).isEqualTo(100);
  }

  @Test
  void whatIsNoCaptureIsRefusedInOneSentence() throws IOException {
    assertRefused("empty", new byte[0], "is empty");
    assertRefused("short", new byte[] {1, 2}, "is no capture: it ends after 2 bytes");
    assertRefused(
        "text",
        "hello, world".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        "is no capture: it begins with 68656c6c, which is neither pcap nor pcapng");
    assertRefused(
        "old",
        new CaptureBytes(ByteOrder.LITTLE_ENDIAN)
            .u32(PcapReader.MAGIC_MICRO)
            .u16(1, 9)
            .u32(0, 0, 0, 1)
            .toBytes(),
        "at byte 4: pcap version 1.9, but only 2.4 is in use");
    assertThatThrownBy(() -> CaptureReader.open(folder))
        .isInstanceOf(CaptureException.class)
        .hasMessageEndingWith("is a directory");
    assertThatThrownBy(() -> CaptureReader.open(folder.resolve("absent")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no such file");
  }

  private void assertRefused(String name, byte[] bytes, String reason) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, bytes);
    assertThatThrownBy(() -> CaptureReader.open(file))
        .isInstanceOf(CaptureException.class)
        .hasMessage(file + ": " + reason);
  }

  @Test
  void everyTruncationDeliversTheWholeRecordsAndSaysWhereItEnded() throws IOException {
    byte[] whole =
        new CaptureBytes(ByteOrder.LITTLE_ENDIAN)
            .pcapHeader(PcapReader.MAGIC_NANO, 1)
            .pcapRecord(1, 2, CaptureBytes.frame(14, 1))
            .pcapRecord(3, 4, CaptureBytes.frame(33, 2))
            .pcapRecord(5, 6, CaptureBytes.frame(0, 3))
            .toBytes();
    List<Integer> boundaries = List.of(24, 54, 103, 119);
    Path file = folder.resolve("cut.pcap");
    for (int length = 24; length <= whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      int end = length;
      long records = boundaries.stream().filter(b -> b <= end).count() - 1;
      Files.write(file, cut);
      for (Records read : List.of(Records.of(cut), Records.of(file))) {
        assertThat(read.seen()).as("cut at %d", length).hasSize((int) records);
        if (boundaries.contains(length)) {
          assertThat(read.problem()).isNull();
        } else {
          assertThat(read.problem())
              .hasMessageContaining(
                  "ends at byte %d, within the record%s that begins at byte %d",
                  length,
                  length - boundaries.get((int) records) < 16 ? " header" : "",
                  boundaries.get((int) records));
        }
      }
    }
  }
}
