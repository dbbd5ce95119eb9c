package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.btf.Btf;

class KernelFactsTest {
  @TempDir Path folder;

  @Test
  void withoutFilesNothingIsSaidOfTheKernel() throws Exception {
    assertThat(KernelFacts.read(null, null)).isEqualTo(KernelFacts.DEFAULT);
    assertThat(KernelFacts.DEFAULT.types()).isSameAs(Btf.EMPTY);
  }

  @Test
  void whatCannotBeReadIsNamedWithItsOption() throws Exception {
    Path file = Files.writeString(folder.resolve("kernel"), "CONFIG_HZ=\n");
    assertThatThrownBy(() -> KernelFacts.read(file, null))
        .hasMessageStartingWith("--kconfig: " + file);
    assertThatThrownBy(() -> KernelFacts.read(null, file))
        .hasMessageStartingWith("--btf: " + file)
        .hasMessageContaining("this is not BTF");
  }
}
