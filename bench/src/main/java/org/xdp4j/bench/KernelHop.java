package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.oracle.KernelOracle;

/**
 * A network namespace in which the kernel is a router: interface {@code in}, where frames come from
 * nowhere, and {@code out} with 16 neighbours behind it.
 */
final class KernelHop implements AutoCloseable {
  private static final int GATEWAYS = 16;

  private final Path root;
  private final int cpu;
  private final Namespaces namespaces = new Namespaces();
  private final String space;

  /** Why there can be none, or null. */
  static String missing() {
    String missing = Namespaces.missing();
    return missing == null && !KernelOracle.available() ? "bpf(2) needs root" : missing;
  }

  KernelHop(Path root, int cpu) throws IOException, InterruptedException {
    this.root = root;
    this.cpu = cpu;
    this.space = namespaces.add("hop");
    namespaces.ip(space, "link add in type veth peer name far");
    namespaces.ip(space, "link set in address 02:00:00:00:01:00");
    namespaces.ip(space, "addr add 10.0.0.2/24 dev in");
    namespaces.ip(space, "link set far up");
    namespaces.ip(space, "link set in up");
    for (String setting : List.of("ip_forward=1", "conf.all.rp_filter=0", "conf.in.rp_filter=0")) {
      Namespaces.run(Namespaces.exec(space, "sysctl", "-qw", "net.ipv4." + setting));
    }
  }

  /** Frames leave by an XDP redirect: over a veth, to a program that drops them at its far end. */
  Side byProgram(int routes) throws IOException, InterruptedException {
    namespaces.ip(space, "link add out type veth peer name end");
    String drop = root.resolve("filters/drop.bpf.o").toString();
    namespaces.ip(space, "link set dev end xdp object " + drop + " section xdp");
    namespaces.ip(space, "link set end up");
    namespaces.ip(space, "link set out up");
    return side("xdp", routes);
  }

  /** Frames are forwarded by the kernel's own tables and leave by a device that drops them. */
  Side byStack(int routes) throws IOException, InterruptedException {
    namespaces.ip(space, "link add out type bridge");
    namespaces.ip(space, "link set out up");
    namespaces.ip(space, "addr add 10.0.2.1/24 dev out");
    Path commands = Files.createTempFile("xdp4j-bench", ".ip");
    try {
      Files.writeString(commands, commands(routes));
      Namespaces.run(List.of("ip", "-n", space, "-batch", commands.toString()));
    } finally {
      Files.delete(commands);
    }
    return side("stack", routes);
  }

  private static String commands(int routes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GATEWAYS; i++) {
      text.append("neigh add 10.0.2.%d lladdr 02:00:00:00:03:%02x dev out%n".formatted(16 + i, i));
    }
    for (int i = 0; i < routes; i++) {
      int network = 0x1000_0000 | i * 0x9E3779B1 >>> 4;
      // Most /24, as in the Internet; a few share one.
      text.append(
          "route replace %d.%d.%d.0/24 via 10.0.2.%d%n"
              .formatted(
                  network >>> 24, network >>> 16 & 255, network >>> 8 & 255, 16 + i % GATEWAYS));
    }
    return text.toString();
  }

  private Side side(String mode, int routes) throws IOException {
    List<String> command =
        Launcher.command(
            root, KernelHopSide.class, mode, root.toString(), "" + routes, Integer.toString(cpu));
    return new Side(Namespaces.exec(space, command.toArray(new String[0])));
  }

  @Override
  public void close() {
    namespaces.close();
  }
}
