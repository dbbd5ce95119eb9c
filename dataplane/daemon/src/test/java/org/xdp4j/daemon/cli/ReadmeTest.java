package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs what the README shows and compares what it prints, but for times, speeds and the verifier's
 * effort.
 */
class ReadmeTest {
  private static final String LAUNCHER = "dataplane/bin/xdp4j ";
  private static final Pattern CONSOLE = Pattern.compile("(?ms)^```console\\n(.*?)^```$");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final Pattern TIMING = Pattern.compile("(?m)^(  (?:took|speed) ).*$");
  private static final Pattern FOLLOWED = Pattern.compile("[0-9,]+ instructions? followed");

  @TestFactory
  List<DynamicTest> whatItShowsIsWhatItPrints() throws Exception {
    String readme = Files.readString(Invocation.ROOT.resolve("README.md"));
    List<DynamicTest> tests = new ArrayList<>();
    Matcher block = CONSOLE.matcher(readme);
    while (block.find()) {
      for (String shown : block.group(1).split("(?m)^\\$ ")) {
        int end = shown.indexOf('\n');
        if (shown.startsWith(LAUNCHER)) {
          String command = shown.substring(LAUNCHER.length(), end);
          String output = shown.substring(end + 1);
          tests.add(DynamicTest.dynamicTest(command, () -> compare(command, output)));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThan(2);
    return tests;
  }

  private static void compare(String command, String output) {
    Invocation run = Invocation.of(words(command));
    String printed = (run.out() + run.err()).replace(Invocation.ROOT + "/", "");
    assertThat(plain(printed)).isEqualTo(plain(output));
  }

  /** The arguments, with files of the repository found wherever the test runs. */
  private static String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(command);
    while (matcher.find()) {
      String word = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      boolean file = word.matches("(filters|pcaps|dataplane)/.*");
      words.add(file ? Path.of(Invocation.ROOT.toString(), word).toString() : word);
    }
    return words.toArray(String[]::new);
  }

  private static String plain(String text) {
    String untimed = TIMING.matcher(text.stripTrailing()).replaceAll("$1...");
    return FOLLOWED.matcher(untimed).replaceAll("... instructions followed");
  }
}
