package org.xdp4j.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenReferenceTest {
  @TempDir private Path folder;

  @Test
  void aTokenThatOthersCanReadIsRefusedWhereItIsNamed() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
    String text =
        "[port.a]\ntype = \"null\"\n[control]\nhttp = \"127.0.0.1:9100\"\ntoken-file = \"token\"\n";
    Path file = folder.resolve("daemon.toml");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> ConfigFile.parse(text, file))
        .hasMessage(
            file
                + ":5:1: control.token-file: the token file "
                + token
                + " is open to others than its owner (chmod 600 helps)");
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
    assertThat(ConfigFile.parse(text, file).settings().control().tokenFile()).isEqualTo(token);
  }
}
