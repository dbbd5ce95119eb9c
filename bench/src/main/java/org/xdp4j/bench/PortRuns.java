package org.xdp4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs forwarders, ours and others', each a process on CPU 0, with a sender on CPU 1. */
final class PortRuns {
  /** Where forwarders run. */
  static final String CPU = "0";

  private static final String SENDER_CPU = "1";
  private static final String LENGTH = "60"; // 64 with the check sequence

  private final Path root;
  private final Namespaces namespaces;
  private final String sender;
  private final String far;

  PortRuns(Path root, Namespaces namespaces, CPrograms programs)
      throws IOException, InterruptedException {
    this(root, namespaces, programs.build("packet_send"), null);
  }

  private PortRuns(Path root, Namespaces namespaces, String sender, String far) {
    this.root = root;
    this.namespaces = namespaces;
    this.sender = sender;
    this.far = far;
  }

  /**
   * Sends over a veth pair without a socket, several times as much.
   *
   * @param far the end that frames come out of
   */
  static PortRuns overVeth(Path root, Namespaces namespaces, CPrograms programs, String far)
      throws IOException, InterruptedException {
    return new PortRuns(root, namespaces, programs.build("xdp_send"), far);
  }

  private void startSender(String namespace, String device) throws IOException {
    namespaces.start(
        far == null
            ? Namespaces.exec(namespace, sender, device, LENGTH, SENDER_CPU, "60")
            : Namespaces.exec(namespace, sender, device, far, LENGTH, SENDER_CPU, "60"));
  }

  /** Ours, as a command line. */
  List<String> ours(
      String namespace, String kind, String mode, String a, String b, String warm, String length)
      throws IOException {
    String program = root.resolve("filters/protocol_counter.bpf.o").toString();
    return Namespaces.exec(
        namespace,
        Launcher.command(root, PortLoop.class, kind, mode, a, b, program, CPU, warm, length)
            .toArray(new String[0]));
  }

  /** Has something done while frames are sent to a device. */
  double sending(String namespace, String device, DeviceBenchmark.Run run) throws Exception {
    try {
      startSender(namespace, device);
      return run.once();
    } finally {
      namespaces.endProcesses();
    }
  }

  /** Starts a forwarder and waits until it is ready. */
  BufferedReader start(List<String> forwarder) throws IOException {
    BufferedReader said = namespaces.start(forwarder).inputReader();
    String first = said.readLine();
    if (!"ready".equals(first)) {
      throw new IOException(String.join(" ", forwarder) + " is not ready: " + first);
    }
    return said;
  }

  /** Frames a second that a forwarder moves while frames are sent to a device. */
  double rate(List<String> forwarder, String namespace, String device)
      throws IOException, InterruptedException {
    String said = run(forwarder, namespace, device);
    return number(said, "frames") / number(said, "seconds");
  }

  /**
   * Nanoseconds of its core that a forwarder takes for a frame, in and outside of the kernel, while
   * more are sent than it can move: what others do on a shared machine is not in it.
   */
  double nanos(List<String> forwarder, String namespace, String device)
      throws IOException, InterruptedException {
    String said = run(forwarder, namespace, device);
    return number(said, "cpu") * 1e9 / number(said, "frames");
  }

  private String run(List<String> forwarder, String namespace, String device)
      throws IOException, InterruptedException {
    try (BufferedReader said = start(forwarder)) {
      startSender(namespace, device);
      String line = said.readLine();
      if (line == null) {
        throw new IOException(String.join(" ", forwarder) + " said nothing");
      }
      return line;
    } finally {
      namespaces.endProcesses();
    }
  }

  private static double number(String line, String name) throws IOException {
    Matcher matcher = Pattern.compile(name + " ([0-9.]+)").matcher(line);
    if (!matcher.find()) {
      throw new IOException("no " + name + " in: " + line);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
