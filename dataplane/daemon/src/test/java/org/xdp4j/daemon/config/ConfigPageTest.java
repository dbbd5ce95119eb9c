package org.xdp4j.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;

class ConfigPageTest {
  @Test
  void thePageSaysWhatTheDeclarationsSay() throws IOException {
    String page = ConfigPage.write(Files.readString(ConfigPage.EXAMPLE));
    if (Boolean.getBoolean("xdp4j.write")) {
      Files.writeString(ConfigPage.FILE, page);
    }
    assertThat(ConfigPage.FILE).content().isEqualTo(page);
  }

  @Test
  void theExampleHasEverySectionAndCanBeUsed() throws Exception {
    String example = Files.readString(ConfigPage.EXAMPLE);
    for (Section section : ConfigFile.ROOT.sections()) {
      assertThat(example).contains("[" + section.path());
    }
    Configuration configuration = ConfigFile.read(ConfigPage.EXAMPLE);
    assertThat(configuration.plan().ports()).hasSizeGreaterThan(3);
    assertThat(configuration.plan().routes()).hasSizeGreaterThan(3);
    assertThat(configuration.plan().nat().forwards()).isNotEmpty();
    assertThat(configuration.plan().filter().rules()).isNotEmpty();
    assertThat(configuration.settings().control().http().port()).isEqualTo(9100);
  }

  @Test
  void everyKeySaysWhatItIs() {
    ConfigFile.ROOT.sections().forEach(ConfigPageTest::isDocumented);
    PortSection.VARIANTS.values().forEach(ConfigPageTest::isDocumented);
  }

  private static void isDocumented(Section section) {
    assertThat(section.meaning()).as(section.path()).endsWith(".");
    for (Key<?> key : section.keys()) {
      String name = section.path() + "." + key.name();
      assertThat(key.meaning()).as(name).matches("(?s)[A-Z`].*[.)]");
      assertThat(key.type().description()).as(name).isNotBlank();
      assertThat(key.isRequired() || !key.fallbackText().isBlank()).as(name).isTrue();
      assertThat(name).matches("[a-z0-9.A-Z-]+");
    }
    section.sections().forEach(ConfigPageTest::isDocumented);
  }
}
