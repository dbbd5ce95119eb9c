package org.xdp4j.bpf.counterexample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.bpf.object.ObjectReader;

/**
 * A common mistake: a C file that is built as it is and with {@code -DMENDED}, and whose first
 * lines say what must be told of it.
 *
 * <pre>
 *  // rule: a sentence
 *  // cause: packet-bounds             or: // warning: uninitialised-memory
 *  // line: the source line it is about                            left out where it may be any
 *  // reason: a part of the reason
 *  // advice: a part of the advice
 *  // path: a part of a source line | a part of what happened there      any number, in order
 *  // counterexample: yes              or no, or any
 * </pre>
 */
record Mistake(Path file, List<String> lines) {

  /** All of them. */
  static Stream<Mistake> all() throws IOException {
    Path root = Path.of(System.getProperty("xdp4j.root"));
    try (Stream<Path> files =
        Files.list(root.resolve("dataplane/bpf/src/test/resources/mistakes"))) {
      return files
          .filter(file -> file.toString().endsWith(".bpf.c"))
          .sorted()
          .map(Mistake::read)
          .toList()
          .stream();
    }
  }

  private static Mistake read(Path file) {
    try {
      return new Mistake(file, Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the header says under {@code name}; null when it says nothing. */
  String get(String name) {
    return every(name).stream().findFirst().orElse(null);
  }

  /** All that the header says under {@code name}. */
  List<String> every(String name) {
    String start = "// " + name + ": ";
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .toList();
  }

  /** Builds it, once in each folder; skips the calling test where clang is missing. */
  BpfObject build(Path folder, boolean mended) throws Exception {
    Clang.assume();
    String kind = mended ? "-DMENDED" : "-DAS_IT_IS";
    Path object = folder.resolve(file.getFileName() + kind + ".o");
    return Files.exists(object)
        ? ObjectReader.read(object)
        : Clang.build(file, object, "-O2", "-g", "-mcpu=v3", kind);
  }

  @Override
  public String toString() {
    return file.getFileName().toString().replace(".bpf.c", "") + ": " + get("rule");
  }
}
