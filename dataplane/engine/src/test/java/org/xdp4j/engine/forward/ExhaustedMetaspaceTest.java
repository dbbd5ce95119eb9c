package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;

/** A program that the JVM has not the memory for leaves no map, pin or program. */
class ExhaustedMetaspaceTest {
  private static final Pattern FAILED = Pattern.compile("failed (\\d+)\n");

  @TempDir Path folder;

  private Path build(String source, String object) throws Exception {
    Path from = Path.of(ExhaustedMetaspaceTest.class.getResource(source).toURI());
    Path to = folder.resolve(object);
    Clang.build(from, to, "-O2", "-g", "-mcpu=v3", "-DOWN=own1", "-DINNER=inner1");
    return to;
  }

  @Test
  void aLoadThatRunsOutOfMemoryForAnyOfItsClassesLeavesNothing() throws Exception {
    Clang.assume();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:MaxMetaspaceSize=40m",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                ExhaustedMetaspace.class.getName(),
                build("kept.bpf.c", "kept.o").toString(),
                build("stamp.bpf.c", "stamp.o").toString())
            .redirectErrorStream(true)
            .start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher matcher = FAILED.matcher(printed);
      assertThat(matcher.matches()).as(printed).isTrue();
      assertThat(Integer.parseInt(matcher.group(1))).isGreaterThan(5);
    } finally {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
  }
}
