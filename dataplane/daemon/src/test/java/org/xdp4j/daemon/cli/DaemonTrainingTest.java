package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.config.Configuration;

class DaemonTrainingTest {
  /** The launcher hears of no mistake there: starts would only be slow again. */
  @Test
  void theDaemonInTrainingHasAConfigurationWithoutMistakes() throws Exception {
    Configuration read =
        ConfigFile.parse(DaemonTraining.configuration(Invocation.ROOT), Path.of("training.toml"));
    assertThat(read.plan().programs()).hasSize(1);
    assertThat(read.plan().nat()).isNotNull();
    assertThat(read.settings().control().socket()).hasFileName("s");
  }
}
