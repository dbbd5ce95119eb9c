package org.xdp4j.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** RULES.md names every rule's test, and every test of a rule is in it. */
class RulesTableTest {
  private static final Pattern ROW =
      Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\| `(\\w+)#(\\w+)` \\|");

  private static final Path MODULE = Path.of(System.getProperty("xdp4j.root"), "dataplane/net");

  private static List<Matcher> rows() throws IOException {
    return Files.readAllLines(MODULE.resolve("RULES.md")).stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .toList();
  }

  private static Stream<Class<?>> ruleTests() throws IOException {
    Path root = MODULE.resolve("src/test/java");
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith("RulesTest.java"))
          .map(file -> root.relativize(file).toString())
          .map(name -> name.replace(".java", "").replace('/', '.'))
          .toList()
          .stream()
          .map(RulesTableTest::load);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theTableAndTheTestsAgree() throws IOException {
    TreeSet<String> tests = new TreeSet<>();
    ruleTests()
        .forEach(
            type ->
                Arrays.stream(type.getDeclaredMethods())
                    .filter(
                        method ->
                            method.isAnnotationPresent(Test.class)
                                || method.isAnnotationPresent(ParameterizedTest.class))
                    .forEach(method -> tests.add(type.getSimpleName() + "#" + method.getName())));
    TreeSet<String> named = new TreeSet<>();
    for (Matcher row : rows()) {
      assertThat(named.add(row.group(3) + "#" + row.group(4))).as(row.group()).isTrue();
    }
    assertThat(named).isEqualTo(tests);
  }

  @Test
  void everyRuleNamesItsSource() throws IOException {
    for (Matcher row : rows()) {
      assertThat(row.group(2)).as(row.group()).containsPattern("RFC \\d+|IEEE 802");
    }
  }
}
