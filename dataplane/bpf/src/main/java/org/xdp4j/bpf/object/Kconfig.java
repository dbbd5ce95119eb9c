package org.xdp4j.bpf.object;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernel configuration that objects ask for ({@code extern ... __kconfig}): as many options as
 * somebody sets, in the words of a {@code .config} file ({@code kconfig} of libbpf's {@code
 * bpf_object_open_opts}), and behind them what is built in here.
 *
 * <pre>
 *  CONFIG_HZ=1000                 a number
 *  CONFIG_XDP_SOCKETS=y           y, n or m
 *  CONFIG_DEFAULT_HOSTNAME="box"  text
 *  # CONFIG_X is not set          a comment
 * </pre>
 */
public final class Kconfig {
  /** What is built in, and nothing else. */
  public static final Kconfig DEFAULT = new Kconfig(Map.of());

  /** Bytes of the longest file that is read. */
  private static final long MAX_FILE_SIZE = 16L << 20;

  private static final String PREFIX = "CONFIG_";

  private final Map<String, String> values;

  private Kconfig(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * Options as {@code text} sets them, a line each; lines that do not begin with {@code CONFIG_}
   * say nothing.
   *
   * @throws IllegalArgumentException when a line that does has no value, in one sentence
   */
  public static Kconfig of(String text) {
    Map<String, String> values = new HashMap<>();
    int number = 0;
    for (String raw : text.split("\n", -1)) {
      number++;
      String line = raw.strip();
      if (!line.startsWith(PREFIX)) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 0 || equals == line.length() - 1) {
        throw new IllegalArgumentException(
            "line %d: '%s' is not CONFIG_NAME=VALUE".formatted(number, line));
      }
      values.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return new Kconfig(values);
  }

  /**
   * Options as a file sets them.
   *
   * @throws ObjectException when it cannot be read, in one sentence
   */
  public static Kconfig read(Path file) throws ObjectException {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > MAX_FILE_SIZE) {
        throw new ObjectException(file + ": a kernel configuration has at most 16 MiB");
      }
      return of(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new ObjectException(file + ", " + e.getMessage());
    } catch (CharacterCodingException e) {
      throw new ObjectException(file + ": it is not UTF-8 text");
    } catch (IOException e) {
      throw new ObjectException(
          Files.exists(file)
              ? file + ": it cannot be read as a kernel configuration"
              : file + ": there is no such file");
    }
  }

  /** What the option is set to; null when nobody set it. */
  String value(String option) {
    return values.get(option);
  }
}
