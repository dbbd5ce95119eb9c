package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.testing.Covers;

/**
 * The kernel functions that tell how a frame came (Documentation/networking/xdp-rx-metadata.rst): 0
 * with an answer, -ENODATA when there is none of this frame, -EOPNOTSUPP when nobody could know.
 * Linux lets only programs that are bound to a device call them, and its test runs have none.
 */
class MetadataTest {
  @TempDir private Path folder;

  @BeforeEach
  void needsClang() {
    Clang.assume();
  }

  @Covers({
    "bpf_xdp_metadata_rx_timestamp",
    "bpf_xdp_metadata_rx_hash",
    "bpf_xdp_metadata_rx_vlan_tag"
  })
  @ParameterizedTest
  @CsvSource({
    "0, false, false",
    "0, true, true",
    "1, false, true",
    "9223372036854775807, true, false",
    "-1, true, true"
  })
  void eachAnswersOrSaysWhyNot(long nanos, boolean hashes, boolean interpret) throws Exception {
    BpfObject object = Clang.build(folder, "metadata.bpf.c", "-O2", "-g", "-mcpu=v3");
    try (Region region = Region.reserve(1 << 22);
        LoadedObject loaded =
            LoadedObject.load(object, region, new LoadOptions(1, interpret, false, Set.of()))) {
      XdpContext context = new XdpContext(region, 0);
      context.frameNanos = nanos;
      context.flowHash = hashes ? (memory, data, end) -> 5L << 32 | 0xcafeL : null;
      XdpProgram program = loaded.program("asks").orElseThrow();
      assertThat(TestRun.run(program, context, new byte[64], 1).returnCode()).isEqualTo(2);
      ByteBuffer told =
          ByteBuffer.wrap(loaded.map("told").orElseThrow().get(new byte[4]))
              .order(ByteOrder.LITTLE_ENDIAN);
      assertThat(told.getInt(0)).isEqualTo(nanos == 0 ? Errno.ENODATA : 0);
      assertThat(told.getLong(16)).isEqualTo(nanos == 0 ? 7 : nanos);
      assertThat(told.getInt(4)).isEqualTo(hashes ? 0 : Errno.EOPNOTSUPP);
      assertThat(told.getInt(24)).isEqualTo(hashes ? 0xcafe : 7);
      assertThat(told.getInt(28)).isEqualTo(hashes ? 5 : 7);
      assertThat(told.getInt(8)).isEqualTo(Errno.ENODATA);
      assertThat(told.getShort(32)).isEqualTo((short) 7);
      assertThat(told.getShort(34)).isEqualTo((short) 7);
    }
  }
}
