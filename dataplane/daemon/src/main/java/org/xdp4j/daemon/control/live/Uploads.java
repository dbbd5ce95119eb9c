package org.xdp4j.daemon.control.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Object files that clients sent. They are kept, where only this user can read them, for as long as
 * a plan names them, since a plan's programs are read again when it changes.
 */
final class Uploads implements AutoCloseable {
  private static final int MAX_NAME = 100;

  private final Map<Path, String> names = new HashMap<>();
  private Path folder;
  private int count;

  /** Keeps an object; {@code name} is what the client calls it. */
  synchronized Path keep(byte[] object, String name) throws IOException {
    if (folder == null) {
      folder = Files.createTempDirectory("xdp4j-objects-");
    }
    Path file = Files.createDirectory(folder.resolve(String.valueOf(count++))).resolve(plain(name));
    Files.write(file, object);
    names.put(file, name);
    return file;
  }

  /** The last part of a path, without what a file's name had better not have. */
  private static String plain(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1).replaceAll("[^A-Za-z0-9._-]", "_");
    boolean fit = !last.isEmpty() && last.length() <= MAX_NAME && !last.startsWith(".");
    return fit ? last : "object.o";
  }

  /** What to call a file. */
  synchronized String name(Path file) {
    return names.getOrDefault(file, file.toString());
  }

  /** A sentence with the files called what their clients call them. */
  synchronized String told(String sentence) {
    String told = sentence;
    for (Map.Entry<Path, String> entry : names.entrySet()) {
      told = told.replace(entry.getKey().toString(), entry.getValue());
    }
    return told;
  }

  /** Drops all files but these. */
  synchronized void retain(Collection<Path> used) {
    names.keySet().removeIf(file -> !used.contains(file) && delete(file.getParent()));
  }

  private static boolean delete(Path tree) {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      return true; // It stays behind in the system's folder for such files.
    }
    return true;
  }

  @Override
  public synchronized void close() {
    if (folder != null) {
      delete(folder);
      folder = null;
    }
  }
}
