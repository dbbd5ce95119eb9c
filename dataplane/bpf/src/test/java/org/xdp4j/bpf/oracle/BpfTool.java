package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.xdp4j.bpf.map.MapSpec;

/** Whole object files in the running kernel, loaded by libbpf through bpftool. */
public final class BpfTool {
  private static final Path FILE_SYSTEM = Path.of("/sys/fs/bpf");
  private static int loads;

  private BpfTool() {}

  /** Skips the calling test, visibly, where object files cannot be loaded. */
  public static void assume() {
    KernelOracle.assumeAvailable();
    Assumptions.assumeTrue(
        Files.isWritable(FILE_SYSTEM) && isInstalled(), "bpftool or its file system is missing");
  }

  /** Whether object files can be loaded: for tests that have more to say without. */
  public static boolean isThere() {
    return KernelOracle.available() && Files.isWritable(FILE_SYSTEM) && isInstalled();
  }

  /** Whether libbpf and the kernel take {@code object}; nothing of it stays. */
  public static boolean loads(Path object) throws IOException, InterruptedException {
    try {
      load(object).close();
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean isInstalled() {
    try {
      call("version");
      return true;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static synchronized Path newFolder() {
    return FILE_SYSTEM.resolve("xdp4j-test-" + ProcessHandle.current().pid() + "-" + loads++);
  }

  private static String call(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bpftool"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + text);
    }
    return text;
  }

  /** All programs of {@code object} as XDP programs, pinned until closed. */
  public static Loaded load(Path object) throws IOException, InterruptedException {
    return load(object, "type", "xdp");
  }

  /** All programs of {@code object} as what their sections say, pinned until closed. */
  public static Loaded loadAsNamed(Path object) throws IOException, InterruptedException {
    return load(object, new String[0]);
  }

  private static Loaded load(Path object, String... type) throws IOException, InterruptedException {
    Path folder = newFolder();
    Path maps = folder.resolveSibling(folder.getFileName() + "-maps");
    List<String> command = new ArrayList<>(List.of("prog", "loadall"));
    command.addAll(List.of(object.toString(), folder.toString()));
    command.addAll(List.of(type));
    command.addAll(List.of("pinmaps", maps.toString()));
    call(command.toArray(String[]::new));
    return new Loaded(folder, maps);
  }

  /** A loaded object. Its maps are pinned as well, without which Linux empties program arrays. */
  public record Loaded(Path folder, Path maps) implements AutoCloseable {
    /** Runs a program once over the frame in {@code input}: what bpftool prints as JSON. */
    public String run(String program, Path input) throws IOException, InterruptedException {
      return call(
          "--json",
          "prog",
          "run",
          "pinned",
          folder.resolve(program).toString(),
          "data_in",
          input.toString(),
          "data_size_out",
          "4096");
    }

    @Override
    public void close() throws IOException {
      delete(folder);
      delete(maps);
    }

    /** The program of this name. */
    public KernelProgram program(String name) {
      return KernelProgram.pinned(folder.resolve(name));
    }

    /** The map that {@code spec} defines, empty when libbpf made none. */
    public Optional<KernelMap> map(MapSpec spec) throws IOException {
      return pin(spec).map(pin -> KernelMap.pinned(spec, pin));
    }

    /** What bpftool prints of the map that {@code spec} defines, as JSON. */
    public String dump(MapSpec spec) throws IOException, InterruptedException {
      return call("--json", "map", "dump", "pinned", pin(spec).orElseThrow().toString());
    }

    /** It pins with underscores for dots, and puts part of the object's name before a section's. */
    private Optional<Path> pin(MapSpec spec) throws IOException {
      String name = spec.name().replace('.', '_');
      try (Stream<Path> pins = Files.list(maps)) {
        return pins.filter(
                pin -> {
                  String file = pin.getFileName().toString();
                  return file.equals(name) || name.startsWith("_") && file.endsWith(name);
                })
            .findFirst();
      }
    }

    private static void delete(Path folder) throws IOException {
      if (!Files.exists(folder)) {
        return;
      }
      try (Stream<Path> pins = Files.list(folder)) {
        for (Path pin : pins.toList()) {
          Files.delete(pin);
        }
      }
      Files.delete(folder);
    }
  }
}
