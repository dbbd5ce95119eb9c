package org.xdp4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * DPDK's testpmd with virtual devices, one forwarding core, no huge pages: nothing of the machine
 * is changed for it. While it is stopped it takes no CPU time.
 */
final class Testpmd implements AutoCloseable {
  private static final String COMMAND = "dpdk-testpmd";
  private static final Pattern RECEIVED = Pattern.compile("RX-packets: (\\d+)");
  private static final int PATIENCE = 60;

  private final Process process;
  private final PrintStream commands;
  private final BufferedReader said;

  /** Why there is none, and how to get it; or null. */
  static String missing() {
    return Processes.installed(COMMAND) ? null : "no dpdk-testpmd; apt-get install dpdk-dev";
  }

  /**
   * Starts it.
   *
   * @param before what the command line begins with, as {@link Namespaces#exec} has it
   * @param cpu where frames are moved; another one waits for commands
   * @param mode as in {@code --forward-mode}
   * @param devices as in {@code --vdev}
   */
  Testpmd(List<String> before, int cpu, String mode, String... devices) throws IOException {
    this(before, cpu, mode, List.of(), devices);
  }

  /**
   * Starts it.
   *
   * @param options of testpmd's own, besides those every one gets
   */
  Testpmd(List<String> before, int cpu, String mode, List<String> options, String... devices)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of("stdbuf", "-oL", COMMAND, "--no-huge", "-m", "512", "--no-pci"));
    command.add("--file-prefix=xdp4j-bench-" + ProcessHandle.current().pid());
    command.addAll(List.of("--lcores", "0@" + (cpu == 0 ? 1 : 0) + ",1@" + cpu));
    for (String device : devices) {
      command.add("--vdev=" + device);
    }
    command.addAll(List.of("--", "-i", "--forward-mode=" + mode, "--nb-cores=1"));
    command.add("--total-num-mbufs=16384");
    command.addAll(options);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    said = process.inputReader(StandardCharsets.UTF_8);
    readUntil("Done");
  }

  /** Runs a program on what comes in through a port; it drops what the program answers 0 to. */
  void load(int port, Path object) throws IOException {
    commands.printf("bpf-load rx %d 0 J %s%n", port, object);
    // It goes on after errors; this is what ends its answer.
    commands.println("show port info " + port);
    String answer = readUntil("Max possible number of TXDs");
    if (!answer.contains("successfully creates")) {
      throw new IOException("testpmd does not load " + object + ": " + answer);
    }
  }

  /**
   * Moves frames for a while and says how long the core took for each: nanoseconds of its time,
   * whatever else ran there.
   *
   * @param burst frames that are sent to each port first
   */
  double nanos(int burst, long millis) throws IOException, InterruptedException {
    long before = workerNanos();
    commands.println(burst == 0 ? "start" : "start tx_first " + burst / 32);
    Thread.sleep(millis);
    commands.println("stop");
    String answer = readUntil("Done.");
    long took = workerNanos() - before;
    Matcher received = RECEIVED.matcher(answer.substring(answer.indexOf("Accumulated")));
    if (!received.find()) {
      throw new IOException("testpmd says no number of frames: " + answer);
    }
    return (double) took / Long.parseLong(received.group(1));
  }

  /**
   * Moves frames until so many have come in by the first port, and says how long each took:
   * nanoseconds by the clock on the wall, which is looked at every few milliseconds.
   */
  double nanosUntil(long frames) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    commands.println("start");
    long seen = 0;
    while (seen < frames) {
      if (System.nanoTime() - begin > PATIENCE * 1_000_000_000L) {
        throw new IOException("testpmd received only " + seen + " of " + frames + " frames");
      }
      Thread.sleep(5);
      commands.println("show port stats 0");
      Matcher received = RECEIVED.matcher(readUntil("  RX-packets"));
      if (received.find()) {
        seen = Long.parseLong(received.group(1));
      }
    }
    long nanos = System.nanoTime() - begin;
    commands.println("stop");
    readUntil("Done.");
    return (double) nanos / frames;
  }

  private String readUntil(String last) throws IOException {
    StringBuilder text = new StringBuilder();
    String line;
    while ((line = said.readLine()) != null) {
      text.append(line).append('\n');
      if (line.startsWith(last)) {
        return text.toString();
      }
    }
    throw new IOException("testpmd ended: " + text);
  }

  private long workerNanos() throws IOException {
    try (var tasks = Files.list(Path.of("/proc/" + testpmd().pid() + "/task"))) {
      for (Path task : tasks.toList()) {
        String name = Files.readString(task.resolve("comm"));
        if (name.startsWith("rte-worker") || name.startsWith("lcore-worker")) {
          return Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
        }
      }
    }
    throw new IOException("testpmd has no forwarding thread");
  }

  /** {@code ip netns exec} and {@code stdbuf} become what they run. */
  private ProcessHandle testpmd() {
    return process.toHandle();
  }

  @Override
  public void close() throws IOException {
    commands.println("quit");
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
