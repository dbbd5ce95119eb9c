package org.xdp4j.daemon.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher runs once after a build, for the JVM to note which classes the verbs need: the
 * start-up cache then holds them for all later runs. It does what users do, and prints nothing.
 */
public final class Training {
  private static final String FRAME = "ffffffffffff0200000000010800" + "45".repeat(46);

  private Training() {}

  /** Runs every verb; the only argument is the repository's folder. */
  public static void main(String[] arguments) {
    Path root = Path.of(arguments[0]);
    Regions.prepare("replay", "");
    Console.ofProcess();
    String firewall = root.resolve("filters/firewall.bpf.o").toString();
    String counter = root.resolve("filters/protocol_counter.bpf.o").toString();
    String sampler = root.resolve("filters/sampler.bpf.o").toString();
    String capture = root.resolve("pcaps/mixed.pcapng").toString();
    List<List<String>> runs =
        List.of(
            List.of("replay", "--program", firewall, "--map", "blocked=192.0.2.0/24", capture),
            List.of("replay", "--program", counter, root.resolve("pcaps/dns.pcap").toString()),
            List.of("verify", counter, firewall),
            List.of("verify", "--as", "xdp", "--json", counter, sampler),
            List.of("test-run", "--json", "--data", FRAME, counter, firewall),
            List.of("test-run", "--data", FRAME, sampler),
            List.of("disasm", counter),
            List.of("maps", firewall),
            List.of("capture-info", capture),
            List.of("conformance"));
    for (List<String> run : runs) {
      Main.run(silent("b700000002000000 9500000000000000"), run.toArray(String[]::new));
    }
    write(counter, capture);
    askDaemon();
  }

  /** Outputs, of both formats. */
  private static void write(String program, String capture) {
    try {
      Path folder = Files.createTempDirectory("xdp4j-training");
      Path pcap = folder.resolve("out.pcap");
      Path pcapng = folder.resolve("out.pcapng");
      for (Path out : List.of(pcap, pcapng)) {
        Main.run(silent(""), "replay", "--program", program, "--out", out.toString(), capture);
        Files.deleteIfExists(out);
      }
      Files.delete(folder);
    } catch (IOException e) {
      return; // Where nothing can be written, nobody needs to be soon at it.
    }
  }

  private static void askDaemon() {
    try (TrainingDaemon daemon = TrainingDaemon.start()) {
      for (List<String> run :
          List.of(
              List.of("show", "ports"),
              List.of("show", "drops"),
              List.of("show", "--json", "ports"),
              List.of("map", "get", "m", "0"),
              List.of("map", "dump", "m"),
              List.of("top", "-n", "1", "-i", "0.1"))) {
        List<String> all = new ArrayList<>(run);
        all.addAll(List.of("--socket", daemon.socket().toString()));
        Main.run(silent(""), all.toArray(String[]::new));
      }
    } catch (IOException e) {
      return; // Where there are no such sockets, those verbs start a little later.
    }
  }

  private static Console silent(String input) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.US_ASCII));
    return new Console(in, nowhere, nowhere, false, false, Style.PLAIN);
  }
}
