package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JVM as {@code dataplane/bin/xdp4j} starts it: what is measured is what people run. */
final class Launcher {
  private static final Pattern OPTIONS =
      Pattern.compile("^jvm_options=\"(?:\\$jvm_options )?([^\"]*)\"", Pattern.MULTILINE);

  private Launcher() {}

  /** The JVM's options. */
  static List<String> options(Path root) throws IOException {
    Matcher lines = OPTIONS.matcher(Files.readString(root.resolve("dataplane/bin/xdp4j")));
    List<String> options = new ArrayList<>();
    while (lines.find()) {
      options.addAll(List.of(lines.group(1).split(" ")));
    }
    if (options.isEmpty()) {
      throw new IOException("dataplane/bin/xdp4j sets no jvm_options");
    }
    return options;
  }

  /** A command line that runs a class of the benchmarks. */
  static List<String> command(Path root, Class<?> main, String... arguments) throws IOException {
    return command(root, List.of(), main, arguments);
  }

  /** The same with more options of the JVM behind the launcher's. */
  static List<String> command(Path root, List<String> more, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options(root));
    command.addAll(more);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
