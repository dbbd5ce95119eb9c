package org.xdp4j.daemon.run;

import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.config.ConfigException;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.config.Configuration;

/**
 * A configuration without a file, for a first try: taps, each with an interface, and a program on
 * all of them.
 *
 * @param taps each {@code NAME} or {@code NAME=ADDRESS,...}
 * @param program {@code OBJ} or {@code OBJ:NAME}, or null
 */
public record QuickSource(List<String> taps, String program) implements Daemon.Source {
  /** Takes a copy of the list. */
  public QuickSource {
    taps = List.copyOf(taps);
  }

  @Override
  public Configuration read() throws ConfigException {
    return ConfigFile.parse(text(), Path.of("command line"));
  }

  /** What a file would say. */
  String text() {
    StringBuilder text = new StringBuilder();
    StringBuilder ports = new StringBuilder();
    for (String tap : taps) {
      int equals = tap.indexOf('=');
      String name = quoted(equals < 0 ? tap : tap.substring(0, equals));
      text.append("[port.").append(name).append("]\ntype = \"tap\"\n");
      if (equals >= 0) {
        text.append("[interface.").append(name).append("]\naddresses = [");
        for (String address : tap.substring(equals + 1).split(",", -1)) {
          text.append(quoted(address.strip())).append(", ");
        }
        text.append("]\n");
      }
      ports.append(name).append(", ");
    }
    if (program != null) {
      int colon = program.lastIndexOf(':');
      boolean named = colon > 0 && !Path.of(program).toFile().exists();
      text.append("[program.xdp]\nobject = ")
          .append(quoted(named ? program.substring(0, colon) : program))
          .append("\nports = [")
          .append(ports)
          .append("]\n");
      if (named) {
        text.append("programs = ").append(quoted(program.substring(colon + 1))).append('\n');
      }
    }
    return text.toString();
  }

  /** A TOML basic string. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c < ' ' || c == 127) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
