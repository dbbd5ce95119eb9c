package org.xdp4j.daemon.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.object.ProgramType;

/**
 * An object file as the command line names it: {@code OBJ} or {@code OBJ:NAME}.
 *
 * @param file the object file
 * @param program the program's name, or null
 */
record ObjectFile(Path file, String program) {
  /** Takes apart what the user wrote. A file whose own name has a colon is found, too. */
  static ObjectFile parse(String text) throws CliException {
    try {
      Path whole = Path.of(text);
      int colon = text.lastIndexOf(':');
      if (colon <= 0 || Files.exists(whole)) {
        return new ObjectFile(whole, null);
      }
      String name = text.substring(colon + 1);
      if (name.isEmpty()) {
        throw CliException.unusable("'" + text + "' names no program behind the colon");
      }
      return new ObjectFile(Path.of(text.substring(0, colon)), name);
    } catch (InvalidPathException e) {
      throw CliException.unusable("'" + text + "' is not a file name", e);
    }
  }

  /** Reads an object file. */
  static BpfObject read(Path file) throws CliException {
    return read(file, KernelFacts.DEFAULT);
  }

  /** Reads an object file, with answers to what it asks of the kernel. */
  static BpfObject read(Path file, KernelFacts kernel) throws CliException {
    if (Files.isDirectory(file)) {
      throw CliException.unusable(file + ": this is a directory, not an object file");
    }
    try {
      return ObjectReader.read(file, kernel.kconfig(), kernel.types());
    } catch (ObjectException e) {
      throw CliException.unusable(e.getMessage(), e);
    }
  }

  /**
   * The one program to run: the named one, or the only one there is for frames that come in, of
   * those that are loaded without being named.
   *
   * @param asXdp whether a program of any section counts as XDP
   */
  BpfProgram choose(BpfObject object, boolean asXdp) throws CliException {
    if (program != null) {
      return object
          .program(program)
          .orElseThrow(
              () ->
                  CliException.unusable(
                      file + ": there is no program '" + program + "'" + names(object)));
    }
    List<BpfProgram> candidates =
        object.programs().stream()
            .filter(p -> p.autoloads() && (asXdp || p.type() == ProgramType.XDP))
            .toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    throw CliException.unusable(
        candidates.isEmpty()
            ? file + ": there is no XDP program" + names(object)
            : file
                + ": there are several programs, say which as "
                + file
                + ":NAME"
                + names(object));
  }

  /**
   * The same with programs that replace functions of others: all that an object has of these, when
   * it has nothing else.
   */
  List<BpfProgram> chooseAll(BpfObject object, boolean asXdp) throws CliException {
    List<BpfProgram> extensions =
        object.programs().stream()
            .filter(p -> p.autoloads() && p.type() == ProgramType.EXTENSION)
            .toList();
    boolean nothingElse = object.programs().stream().noneMatch(p -> p.type() == ProgramType.XDP);
    return program == null && nothingElse && !extensions.isEmpty() && !asXdp
        ? extensions
        : List.of(choose(object, asXdp));
  }

  private static String names(BpfObject object) {
    return object.programs().isEmpty()
        ? ", there are none at all"
        : object.programs().stream()
            .map(p -> p.name() + " (section " + p.section() + ")")
            .collect(Collectors.joining(", ", "; it has ", ""));
  }
}
