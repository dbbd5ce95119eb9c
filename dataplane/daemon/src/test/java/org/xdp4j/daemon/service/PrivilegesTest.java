package org.xdp4j.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every thread of a process, the JVM's own included, gives up what it had. */
class PrivilegesTest {
  private static final String NONE = "0000000000000000";

  @BeforeEach
  void needsRoot() {
    assumeTrue(Privileges.isRoot() && ThreadCall.isPossible(), "giving up root needs root");
    assumeTrue(Account.find("nobody").isPresent(), "there is no user nobody");
  }

  @Test
  void rootBecomesTheUser() throws Exception {
    List<String> lines = run(List.of(), "nobody");
    assertThat(lines.getFirst())
        .isEqualTo("runs as user nobody, without capabilities or the way to new ones");
    everyThreadIs(Account.find("nobody").orElseThrow().user() + " " + NONE, lines);
  }

  @Test
  void aUserGivesUpTheCapabilitiesItWasStartedWith() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "there is no setpriv");
    List<String> prefix =
        List.of(
            "/usr/bin/setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=+net_admin",
            "--ambient-caps=+net_admin");
    everyThreadIs("65534 " + NONE, run(prefix));
  }

  @Test
  void rootThatStaysCanGainNothingNew() throws Exception {
    List<String> lines = run(List.of());
    assertThat(lines.getFirst()).isEqualTo("runs as root, with all its privileges");
    assertThat(lines.stream().filter(line -> line.startsWith("thread")))
        .hasSizeGreaterThan(8)
        .allMatch(line -> line.startsWith("thread 0 ") && line.endsWith(" 1"));
  }

  private static void everyThreadIs(String what, List<String> lines) {
    assertThat(lines.stream().filter(line -> line.startsWith("thread")))
        .hasSizeGreaterThan(8)
        .allMatch(line -> line.equals("thread " + what + " " + NONE + " 1"));
  }

  /** Runs the process; classes are copied to where other users can read them. */
  private static List<String> run(List<String> prefix, String... arguments) throws Exception {
    Path classes = Files.createTempDirectory(Path.of("/tmp"), "xdp4j-privileges");
    try {
      copyClasses(classes);
      List<String> command = new ArrayList<>(prefix);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED"));
      command.addAll(List.of("-cp", classes.toString(), PrivilegesMain.class.getName()));
      command.addAll(List.of(arguments));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(out).isZero();
      return out.lines().toList();
    } finally {
      try (var files = Files.walk(classes)) {
        files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private static void copyClasses(Path to) throws IOException {
    Path folder = to.resolve("org/xdp4j/daemon/service");
    Files.createDirectories(folder);
    for (Class<?> root : List.of(Privileges.class, PrivilegesMain.class)) {
      Path from = Path.of(root.getProtectionDomain().getCodeSource().getLocation().getPath());
      try (var files = Files.list(from.resolve("org/xdp4j/daemon/service"))) {
        for (Path file : files.toList()) {
          Files.copy(file, folder.resolve(file.getFileName()));
        }
      }
    }
    new ProcessBuilder("chmod", "-R", "a+rX", to.toString()).start().onExit().join();
  }
}
