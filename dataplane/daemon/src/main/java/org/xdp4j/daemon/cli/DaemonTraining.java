package org.xdp4j.daemon.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * What {@link Training} is for the other verbs, for {@code run}: a daemon has many classes that no
 * other verb should pay for at its start, so it has a start-up cache of its own. A small one runs
 * here as a whole, is asked and told over its socket, and ends by itself. It makes no device and
 * opens no port that others could see.
 */
public final class DaemonTraining {
  private static final int PATIENCE = 10_000;

  /** What taps and wires need, which a daemon in training does not have. */
  private static final List<String> LOADED =
      List.of("org/xdp4j/engine/", "org/xdp4j/net/", "org/xdp4j/daemon/");

  private DaemonTraining() {}

  /** Runs a daemon; the only argument is the repository's folder. Fails when the daemon does. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int status = train(arguments);
    if (status != ExitStatus.OK) {
      System.exit(status);
    }
  }

  private static int train(String[] arguments) throws IOException, InterruptedException {
    loadAll();
    AtomicInteger status = new AtomicInteger(ExitStatus.INTERNAL);
    Path folder = Files.createTempDirectory("xdp4j-training-");
    try {
      Path config = folder.resolve("training.toml");
      Files.writeString(config, configuration(Path.of(arguments[0])));
      Thread daemon =
          Thread.ofPlatform()
              .start(() -> status.set(verb("run", "--until-end", "--config", config.toString())));
      Path socket = folder.resolve("s");
      for (int i = 0; i < PATIENCE && !Files.exists(socket) && daemon.isAlive(); i += 10) {
        Thread.sleep(10);
      }
      ask(socket);
      daemon.join(PATIENCE);
      return status.get();
    } finally {
      delete(folder);
    }
  }

  static String configuration(Path root) {
    return """
    [port.in]
    type = "generator"
    mac = "02:00:00:00:00:01"
    frames = 30000
    pace = "20 kpps"
    flows = 100
    destination = "192.168.0.1"
    [port.out]
    type = "null"
    [port.left]
    type = "loopback"
    peer = "right"
    [port.right]
    type = "loopback"
    peer = "left"
    [bridge.lan]
    ports = ["left", "right"]
    [interface.in]
    addresses = ["10.255.0.1/8", "fd00:1::1/64"]
    [interface.out]
    addresses = ["192.168.0.254/24", "fd00:2::1/64"]
    [interface.lan]
    addresses = "10.0.0.1/24"
    [[route]]
    to = "198.51.100.0/24"
    via = "192.168.0.1"
    [[neighbor]]
    address = "192.168.0.1"
    mac = "02:00:00:00:00:02"
    [program.firewall]
    object = "%s"
    ports = "in"
    [program.firewall.maps]
    sources_v4 = "10.0.0.128/25=XDP_DROP"
    [nat]
    outside = "out"
    [filter]
    otherwise = "accept"
    [[filter.rule]]
    from = "lan"
    protocol = "tcp"
    ports = "80-443"
    action = "accept"
    [control]
    socket = "s"
    """
        .formatted(root.resolve("filters/firewall.bpf.o").toAbsolutePath());
  }

  private static void ask(Path socket) {
    for (List<String> each :
        List.of(
            List.of("show", "ports"),
            List.of("show", "drops"),
            List.of("show", "balance"),
            List.of("map", "dump", "sources_v4"),
            List.of("capture", "--count", "3", "--write", socket.resolveSibling("c").toString()),
            List.of("reload"))) {
      List<String> all = new ArrayList<>(each);
      all.addAll(List.of("--socket", socket.toString()));
      verb(all.toArray(String[]::new));
    }
  }

  /**
   * Standard input is a file, which is what makes a verb take the process for its own.
   *
   * @return its exit status
   */
  private static int verb(String... arguments) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try (FileInputStream nothing = new FileInputStream("/dev/null")) {
      return Main.run(
          new Console(nothing, nowhere, System.err, false, false, Style.PLAIN), arguments);
    } catch (IOException e) {
      return ExitStatus.OK; // Another system, where all of this is slower.
    }
  }

  /** Loads our own classes, used in this run or not. */
  private static void loadAll() throws IOException {
    for (String jar : jars()) {
      try (JarFile file = new JarFile(jar)) {
        for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
          String name = entries.nextElement().getName();
          if (name.endsWith(".class") && LOADED.stream().anyMatch(name::startsWith)) {
            load(name.substring(0, name.length() - ".class".length()).replace('/', '.'));
          }
        }
      }
    }
  }

  /** The jar of the daemon, and those of ours beside it. */
  private static List<String> jars() throws IOException {
    Path own = Path.of(System.getProperty("java.class.path"));
    List<String> jars = new ArrayList<>(List.of(own.toString()));
    try (Stream<Path> files = Files.list(own.toAbsolutePath().resolveSibling("lib"))) {
      files
          .map(Path::toString)
          .filter(name -> name.contains("/xdp4j-") && name.endsWith(".jar"))
          .forEach(jars::add);
    }
    return jars;
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, DaemonTraining.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return; // One that needs what is not here is not needed here.
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
