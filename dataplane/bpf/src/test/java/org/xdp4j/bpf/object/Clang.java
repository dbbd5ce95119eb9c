package org.xdp4j.bpf.object;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.xdp4j.bpf.isa.LlvmTools;

/** Builds the C sources beside the tests, where clang and the headers of Linux and libbpf are. */
public final class Clang {
  private static final Path HEADERS = Path.of("/usr/include");

  private Clang() {}

  /** Skips the calling test, saying why, when something to build with is missing. */
  public static void assume() {
    LlvmTools.assume("clang-19");
    Assumptions.assumeTrue(
        Files.exists(HEADERS.resolve("bpf/bpf_core_read.h")), "libbpf's headers are not installed");
    Assumptions.assumeTrue(asmHeaders() != null, "Linux's headers are not installed");
  }

  /** Builds {@code source}, a resource of this package, with these options. */
  public static BpfObject build(Path folder, String source, String... options) throws Exception {
    return build(path(source), objectFile(folder, source, options), options);
  }

  /** Builds any file with these options. */
  public static BpfObject build(Path source, Path object, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-target", "bpf", "-Wall", "-Werror"));
    arguments.addAll(List.of("-I", asmHeaders().toString(), "-c", source.toString()));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("-o", object.toString()));
    LlvmTools.run("clang-19", arguments.toArray(String[]::new));
    return ObjectReader.read(object);
  }

  /** Where {@link #build} leaves the object file. */
  public static Path objectFile(Path folder, String source, String... options) {
    return folder.resolve(source + String.join("", options).replace('/', '_') + ".o");
  }

  private static Path path(String source) throws URISyntaxException {
    return Path.of(Clang.class.getResource(source).toURI());
  }

  /** The folder that has {@code asm/types.h}, which is named after the machine. */
  private static Path asmHeaders() {
    try (Stream<Path> folders = Files.list(HEADERS)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("asm/types.h")))
          .findFirst()
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
