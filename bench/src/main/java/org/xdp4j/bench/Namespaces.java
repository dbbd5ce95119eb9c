package org.xdp4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Network namespaces of a benchmark's own, by {@code ip netns}; gone when it ends, also when it is
 * told to by a signal. What a benchmark left that had no chance to clean up is gone when the next
 * begins: names tell whose they are.
 */
final class Namespaces implements AutoCloseable {
  private static final String PREFIX = "xdp4j-bench-";
  private static final Pattern OWNED = Pattern.compile("^" + PREFIX + "(\\d+)-\\S+");

  static {
    try {
      removeAbandoned();
    } catch (IOException e) {
      System.err.println("bench: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final String prefix = PREFIX + ProcessHandle.current().pid() + "-";
  private final List<String> names = new CopyOnWriteArrayList<>();
  private final List<Process> processes = new CopyOnWriteArrayList<>();
  private final Thread atExit = new Thread(this::end, "namespaces");

  Namespaces() {
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Ends namespaces, and the processes inside of them, whose benchmark is no more. */
  private static void removeAbandoned() throws IOException, InterruptedException {
    if (missing() != null) {
      return;
    }
    for (String line : run(List.of("ip", "netns", "list")).lines().toList()) {
      Matcher name = OWNED.matcher(line);
      if (name.find() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
        for (String pid : run(List.of("ip", "netns", "pids", name.group())).lines().toList()) {
          ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
        run(List.of("ip", "netns", "del", name.group()));
      }
    }
  }

  /** Why there can be none, or null. */
  static String missing() {
    if (!Processes.installed("ip")) {
      return "ip is not installed (package iproute2)";
    }
    return "root".equals(System.getProperty("user.name")) ? null : "making namespaces takes root";
  }

  /** Makes one and returns its name. */
  String add(String name) throws IOException, InterruptedException {
    String whole = prefix + name;
    names.add(whole);
    run(List.of("ip", "netns", "add", whole));
    ip(whole, "link set lo up");
    run(exec(whole, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"));
    run(exec(whole, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"));
    return whole;
  }

  /** Runs {@code ip} in a namespace. */
  void ip(String namespace, String arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(arguments.split(" ")));
    run(command);
  }

  /** A command line that runs in a namespace. */
  static List<String> exec(String namespace, String... command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    whole.addAll(List.of(command));
    return whole;
  }

  /** Starts a process that ends with this, at the latest. */
  Process start(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    return process;
  }

  /** Runs a process to its end and returns what it said. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": " + said.strip());
    }
    return said;
  }

  /** Ends the processes that were started, and waits for them. */
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroy();
    }
    for (Process process : processes) {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
    processes.clear();
  }

  /** Ends what there is; also called while the JVM is told to end. */
  private synchronized void end() {
    try {
      endProcesses();
      for (String name : names) {
        run(List.of("ip", "netns", "del", name));
      }
      names.clear();
    } catch (IOException e) {
      System.err.println("bench: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the JVM is ending: it is running just now
    }
  }
}
