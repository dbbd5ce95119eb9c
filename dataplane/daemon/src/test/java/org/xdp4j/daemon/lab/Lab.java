package org.xdp4j.daemon.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One run of a lab.
 *
 * @param status of {@code dataplane/lab/run}
 * @param out what it printed
 * @param err what it printed on standard error
 */
record Lab(int status, String out, String err) {
  static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));
  static final Path CHECKS = ROOT.resolve("dataplane/daemon/src/test/resources/lab");
  private static final long PATIENCE = 600;

  /** Skips what needs namespaces, where there are none to be had. */
  static void assumePossible() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/dev/net/tun")) && canUnshare(),
        "network namespaces and taps need root on Linux, with iproute2 and util-linux");
  }

  private static boolean canUnshare() throws InterruptedException {
    try {
      Process probe =
          new ProcessBuilder(
                  "unshare",
                  "--mount",
                  "--net",
                  "--pid",
                  "--fork",
                  "--mount-proc",
                  "sh",
                  "-c",
                  "ip link set lo up && ip tuntap add dev probe mode tap")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return probe.waitFor(20, TimeUnit.SECONDS) && probe.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The command that runs xdp4j as these tests see it. */
  static String command() {
    return Path.of(System.getProperty("java.home"), "bin", "java")
        + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompilerThreadStackSize=4096"
        + " --enable-native-access=ALL-UNNAMED -cp "
        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
        + " org.xdp4j.daemon.cli.Main";
  }

  /** Whether there are all these commands. */
  static boolean hasTools(String... names) {
    return Stream.of(names)
        .allMatch(
            name ->
                Stream.of("/usr/bin", "/usr/sbin", "/bin", "/sbin")
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, name))));
  }

  /** Runs a command in a lab. */
  static Lab run(Path directory, String name, String... command) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(name, "--"));
    arguments.addAll(List.of(command));
    return script(directory, "run", arguments);
  }

  /** Runs a script of the labs' folder. */
  static Lab script(Path directory, String name, List<String> arguments) throws Exception {
    return script(directory, name, arguments, process -> {});
  }

  /** The same, and does something while it runs. */
  static Lab script(
      Path directory, String name, List<String> arguments, Consumer<Process> meanwhile)
      throws Exception {
    Path out = Files.createTempFile(directory, name, ".out");
    Path err = Files.createTempFile(directory, name, ".err");
    ProcessBuilder builder =
        new ProcessBuilder(ROOT.resolve("dataplane/lab").resolve(name).toString());
    builder.command().addAll(arguments);
    builder.environment().put("XDP4J", command());
    builder.environment().put("CHECKS", CHECKS.toString());
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      meanwhile.accept(process);
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).as("it ends: %s", err).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Lab(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
