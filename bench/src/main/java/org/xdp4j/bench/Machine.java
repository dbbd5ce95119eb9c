package org.xdp4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What figures were measured on. */
final class Machine {
  private Machine() {}

  /** Its parts by name. */
  static Map<String, String> describe(Path root) {
    Map<String, String> machine = new LinkedHashMap<>();
    machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put("cpu", field(Path.of("/proc/cpuinfo"), "model name"));
    machine.put("cpus", Integer.toString(Runtime.getRuntime().availableProcessors()));
    machine.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
    machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put(
        "jvm",
        System.getProperty("java.vendor.version", System.getProperty("java.vm.name"))
            + " "
            + System.getProperty("java.vm.version"));
    machine.put("load before", firstLine(Path.of("/proc/loadavg")));
    machine.put("version", version(root));
    return machine;
  }

  private static String field(Path file, String name) {
    try {
      for (String line : Files.readAllLines(file)) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).strip().equals(name)) {
          return line.substring(colon + 1).strip();
        }
      }
    } catch (IOException e) {
      return "unknown";
    }
    return "unknown";
  }

  private static String firstLine(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String version(Path root) {
    try {
      Process git =
          new ProcessBuilder("git", "-C", root.toString(), "describe", "--always", "--dirty")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return said.isEmpty() ? "unknown" : said;
    } catch (IOException e) {
      return "unknown";
    }
  }
}
