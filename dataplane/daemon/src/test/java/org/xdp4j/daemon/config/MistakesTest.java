package org.xdp4j.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.engine.capture.FilterCompiler;

/**
 * Files with mistakes: each line says behind {@code #!} what is wrong with it, as the user gets to
 * read it; several mistakes of a line are separated by {@code #!}. All other lines are in order.
 */
class MistakesTest {
  private static final Path FOLDER =
      ConfigPage.ROOT.resolve("dataplane/daemon/src/test/resources/config/mistakes");

  /** Mistakes that are found only where programs are loaded and their maps filled. */
  private static final Path TRIALS = FOLDER.resolveSibling("trials");

  /** Reads a file. */
  @FunctionalInterface
  private interface Reading {
    Configuration read(Path file) throws ConfigException;
  }

  @TestFactory
  List<DynamicTest> everyMistakeIsNamedWithItsLineAndNothingElseIs() throws IOException {
    List<DynamicTest> tests = tests(FOLDER, ConfigFile::read);
    assertThat(tests).hasSizeGreaterThan(10);
    return tests;
  }

  @TestFactory
  List<DynamicTest> everyEntryThatDoesNotFitItsMapIsNamedWithItsLine() throws IOException {
    return tests(TRIALS, ConfigFile::check);
  }

  @Test
  void aFilterThatLibpcapCannotParseIsNamed(@TempDir Path folder) throws Exception {
    assumeTrue(FilterCompiler.isAvailable(), "there is no libpcap");
    Path file = folder.resolve("live.toml");
    Files.writeString(
        file, "[port.l]\ntype = \"live\"\ndevice = \"eth9\"\nfilter = \"tcp prot 80\"\n");
    assertThatThrownBy(() -> ConfigFile.read(file))
        .hasMessageStartingWith(file + ":4:1: port.l.filter: 'tcp prot 80': ")
        .hasMessageContaining("syntax error");
  }

  @Test
  @Timeout(20)
  void aFifoIsNotWaitedFor(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("fifo.toml");
    Process made = new ProcessBuilder("mkfifo", file.toString()).start();
    assumeTrue(made.waitFor() == 0, "there is no mkfifo");
    assertThatThrownBy(() -> ConfigFile.read(file)).hasMessageContaining("is no regular file");
  }

  private static List<DynamicTest> tests(Path folder, Reading reading) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".toml"))
          .sorted()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(), () -> check(file, reading)))
          .toList();
    }
  }

  private static void check(Path file, Reading reading) throws IOException {
    List<String> expected = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String[] parts = lines.get(i).split("#!");
      for (int j = 1; j < parts.length; j++) {
        expected.add(i + 1 + ": " + parts[j].strip());
      }
    }
    List<String> found = new ArrayList<>();
    try {
      reading.read(file);
    } catch (ConfigException e) {
      e.problems().forEach(problem -> found.add(shown(problem)));
      assertThat(e.problems()).allMatch(problem -> problem.place().column() >= 1);
    }
    assertThat(expected).isNotEmpty();
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static String shown(Problem problem) {
    return (problem.place().line()
            + ": "
            + (problem.path().isEmpty() ? "" : problem.path() + ": ")
            + problem.reason()
            + (problem.advice().isEmpty() ? "" : "; " + problem.advice()))
        .replace(FOLDER + "/", "")
        .replaceAll("it may use [0-9,-]+", "it may use CPUS")
        .replace(ConfigPage.ROOT + "/", "");
  }
}
