package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

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
    Path folder = newFolder();
    Path maps = folder.resolveSibling(folder.getFileName() + "-maps");
    call(
        "prog",
        "loadall",
        object.toString(),
        folder.toString(),
        "type",
        "xdp",
        "pinmaps",
        maps.toString());
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

    private static void delete(Path folder) throws IOException {
      try (Stream<Path> pins = Files.list(folder)) {
        for (Path pin : pins.toList()) {
          Files.delete(pin);
        }
      }
      Files.delete(folder);
    }
  }
}
