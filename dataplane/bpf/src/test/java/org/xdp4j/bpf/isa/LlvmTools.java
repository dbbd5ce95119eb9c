package org.xdp4j.bpf.isa;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The LLVM tools of version 19, where they are installed. */
public final class LlvmTools {
  private LlvmTools() {}

  /** Skips the calling test, saying why, when a tool is missing. */
  public static void assume(String... tools) {
    for (String tool : tools) {
      Assumptions.assumeTrue(path(tool) != null, tool + " is not installed");
    }
  }

  /** Bytes as an object's section .text, with labels before the bytes at their offsets. */
  public static Path object(Path folder, byte[] code, List<SectionListing.Symbol> labels)
      throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder(".text\n");
    for (int i = 0; i < code.length; i++) {
      for (SectionListing.Symbol label : labels) {
        if (label.address() == i) {
          source.append(label.name()).append(":\n");
        }
      }
      source.append(".byte ").append(code[i] & 0xff).append('\n');
    }
    Path file = folder.resolve("code.s");
    Path object = folder.resolve("code.o");
    Files.writeString(file, source);
    run("llvm-mc-19", "-triple=bpfel", "-filetype=obj", file.toString(), "-o", object.toString());
    return object;
  }

  /** Runs a tool and returns what it printed. */
  public static String run(String tool, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(path(tool).toString()));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile("llvm", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(tool + " did not end within a minute");
      }
      String text = Files.readString(output);
      if (process.exitValue() != 0) {
        throw new IOException(tool + ": " + text);
      }
      return text;
    } finally {
      Files.delete(output);
    }
  }

  private static Path path(String tool) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path path = Path.of(folder, tool);
      if (Files.isExecutable(path)) {
        return path;
      }
    }
    return null;
  }
}
