package org.xdp4j.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaptureWriterTest {
  private static final long SECOND = 1_600_000_000_000_000_000L;

  @TempDir Path folder;

  private Path write(String name, CaptureFormat format, int frames) throws IOException {
    Path file = folder.resolve(name);
    try (CaptureWriter writer = CaptureWriter.create(file, format, "xdp4j, program firewall")) {
      int eth0 = writer.addInterface("eth0", "program firewall");
      int eth1 = writer.addInterface("", "");
      for (int i = 0; i < frames; i++) {
        MemorySegment frame = direct(CaptureBytes.frame(i % 1515, i));
        writer.write(
            i % 2 == 0 ? eth0 : eth1,
            SECOND + i,
            frame,
            0,
            i % 1515,
            i % 1515 + i % 3,
            i % 5 == 4 ? CaptureWriter.NO_VERDICT : i % 5);
      }
      assertThat(writer.format()).isEqualTo(format);
      writer.flush();
      assertThat(writer.length()).isEqualTo(Files.size(file));
    }
    return file;
  }

  private static MemorySegment direct(byte[] bytes) {
    MemorySegment memory = java.lang.foreign.Arena.ofAuto().allocate(Math.max(1, bytes.length));
    memory.copyFrom(MemorySegment.ofArray(bytes));
    return memory;
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenIsReadBack(CaptureFormat format) throws IOException {
    Records records = Records.of(write("out", format, 5000));

    assertThat(records.problem()).isNull();
    assertThat(records.seen()).hasSize(5000);
    for (int i = 0; i < 5000; i++) {
      assertThat(records.seen().get(i))
          .isEqualTo(
              new Records.Seen(
                  SECOND + i,
                  format == CaptureFormat.PCAP ? 0 : i % 2,
                  i % 1515 + i % 3,
                  Records.hex(CaptureBytes.frame(i % 1515, i))));
    }
  }

  @Test
  void interfacesKeepTheirNamesAndTheSectionTheProgram() throws IOException {
    try (CaptureReader reader = CaptureReader.open(write("n", CaptureFormat.PCAPNG, 2))) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.source().name()).isEqualTo("eth0");
      assertThat(reader.source().description()).isEqualTo("program firewall");
      assertThat(reader.next()).isTrue();
      assertThat(reader.source().name()).isEmpty();
    }
  }

  @Test
  void tsharkReadsVerdictsInterfacesAndTimes() throws Exception {
    Tool tshark = Tool.named("tshark");
    Path file = write("verdicts.pcapng", CaptureFormat.PCAPNG, 6);
    List<String> lines =
        tshark.run(
            "-n",
            "-r",
            file.toString(),
            "-T",
            "fields",
            "-e",
            "frame.time_epoch",
            "-e",
            "frame.interface_name",
            "-e",
            "frame.cap_len",
            "-e",
            "frame.len",
            "-e",
            "frame.verdict.ebpf_xdp");
    assertThat(lines).hasSize(6);
    assertThat(lines.get(1)).startsWith("1600000000.000000001\t").endsWith("\t1\t2\t1");
    assertThat(lines.get(2)).contains("\teth0\t").endsWith("\t2\t4\t2");
    assertThat(lines.get(4)).contains("\t4\t5").doesNotEndWith("\t4");
  }

  @ParameterizedTest
  @EnumSource
  void tcpdumpReadsEveryFrame(CaptureFormat format) throws Exception {
    Tool tcpdump = Tool.named("tcpdump");
    Path file = write("all", format, 3000);
    Path copy = folder.resolve("copy");
    tcpdump.run("-Z", "root", "-r", file.toString(), "-w", copy.toString());
    Assumptions.assumeTrue(Files.exists(copy), "tcpdump may not write here");

    Records records = Records.of(copy);

    assertThat(records.problem()).isNull();
    assertThat(records.seen())
        .extracting(Records.Seen::frame)
        .isEqualTo(Records.of(file).seen().stream().map(Records.Seen::frame).toList());
  }
}
