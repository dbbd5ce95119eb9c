package org.xdp4j.bpf.reference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which tests name which helpers and map types: those with a {@code @Covers} annotation in their
 * source, in any room, the verifier's rules, which call helpers by number and define maps, and the
 * list of what is refused, of which one test takes each line.
 */
final class CoveringTests {
  private static final Pattern ANNOTATION =
      Pattern.compile("@Covers\\(\\s*\\{?([^)]*?)\\}?\\s*\\)", Pattern.DOTALL);
  private static final Pattern DECLARED =
      Pattern.compile("(?:void| class|^class)\\s+(\\w+)", Pattern.MULTILINE);
  private static final Pattern NAME = Pattern.compile("\"([^\"]+)\"");
  private static final Pattern CALL =
      Pattern.compile("^\\s*(?:\\w+:\\s*)?call (\\d+|_*bpf_\\w+)\\s*$");
  private static final Pattern MAP = Pattern.compile("^([A-Z_]+) \\d+ \\d+ \\d+");

  /** The tests of {@link RefusedTest} by the kinds that lines of its list begin with. */
  private static final Map<String, String> REFUSED =
      Map.of("helper", "aHelper", "map", "aMap", "kfunc", "aKernelFunction");

  private final Map<String, TreeSet<String>> tests = new TreeMap<>();
  private final Map<Integer, String> helperNames;

  /**
   * @param helperNames of the helpers that rules call by number
   */
  CoveringTests(Path root, Map<Integer, String> helperNames) {
    this.helperNames = helperNames;
    try {
      for (String room : new String[] {"bpf", "net", "engine", "daemon"}) {
        each(root.resolve("dataplane").resolve(room).resolve("src/test/java"), ".java", this::java);
      }
      each(root.resolve("dataplane/bpf/src/test/resources/verifier"), ".rule", this::rule);
      Path refused =
          root.resolve("dataplane/bpf/src/test/resources/org/xdp4j/bpf/reference/refused.txt");
      Files.readAllLines(refused).forEach(this::refused);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of tests, those in Java first. */
  List<String> of(String name) {
    return List.copyOf(tests.getOrDefault(name, new TreeSet<>()));
  }

  /** Every name that some test claims to cover. */
  Iterable<String> names() {
    return tests.keySet();
  }

  private interface Reader {
    void read(Path file, String text);
  }

  private static void each(Path folder, String ending, Reader reader) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(ending)).sorted().toList()) {
        reader.read(file, Files.readString(file));
      }
    }
  }

  private void java(Path file, String text) {
    String type = file.getFileName().toString().replace(".java", "");
    Matcher annotation = ANNOTATION.matcher(text);
    while (annotation.find()) {
      Matcher declared = DECLARED.matcher(text);
      if (!declared.find(annotation.end())) {
        throw new IllegalStateException(file + ": @Covers stands before no test");
      }
      String test = declared.group(1).equals(type) ? type : type + "." + declared.group(1);
      Matcher name = NAME.matcher(annotation.group(1));
      while (name.find()) {
        add(name.group(1), test);
      }
    }
  }

  private void rule(Path file, String text) {
    String rule = file.getFileName().toString();
    for (String line : text.lines().toList()) {
      Matcher call = CALL.matcher(line);
      if (call.matches()) {
        String called = call.group(1);
        add(
            Character.isDigit(called.charAt(0))
                ? helperNames.getOrDefault(Integer.parseInt(called), "")
                : called,
            rule);
      }
      Matcher map = MAP.matcher(line);
      if (map.find()) {
        add(map.group(1), rule);
      }
    }
  }

  private void refused(String line) {
    String[] words = line.split(" ");
    if (words.length == 2 && REFUSED.containsKey(words[0])) {
      add(words[1], RefusedTest.class.getSimpleName() + "." + REFUSED.get(words[0]));
    }
  }

  private void add(String name, String test) {
    tests.computeIfAbsent(name, n -> new TreeSet<>()).add(test);
  }
}
