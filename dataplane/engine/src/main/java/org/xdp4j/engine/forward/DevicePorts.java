package org.xdp4j.engine.forward;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.xdp4j.bpf.text.TextException;

/** What device maps may point at: the ports, by name and interface index. */
public final class DevicePorts {
  private static final int MOST_NAMED = 20;

  private final Map<String, Integer> indices = new TreeMap<>();

  private DevicePorts() {}

  /** Those that there are now. */
  static DevicePorts of(List<LivePort> ports) {
    DevicePorts found = new DevicePorts();
    ports.forEach(port -> found.indices.put(port.name(), port.ifindex));
    return found;
  }

  /**
   * A port's interface index.
   *
   * @param written its name, or the index
   * @param where what an error begins with
   * @throws TextException when there is no such port, or two that may be meant; it says which there
   *     are
   */
  public int index(String written, String where) throws TextException {
    Integer named = indices.get(written);
    Integer number = number(written);
    if (named == null && number == null) {
      throw new TextException(where + ": there is no port '" + written + "'; there are " + known());
    }
    if (named != null && number != null && !named.equals(number) && indices.containsValue(number)) {
      throw new TextException(
          where
              + ": '"
              + written
              + "' is a port's name and another's interface index; there are "
              + known()
              + ": write the index as "
              + (written.startsWith("0x") ? number : "0x" + Integer.toHexString(number)));
    }
    int index = named != null ? named : number;
    require(index, where);
    return index;
  }

  /** What is written as a number; null when it is none. */
  private static Integer number(String written) {
    try {
      return written.startsWith("0x")
          ? Integer.parseUnsignedInt(written.substring(2), 16)
          : Integer.parseUnsignedInt(written);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** Refuses an interface index that no port has. */
  public void require(int index, String where) throws TextException {
    if (!indices.containsValue(index)) {
      throw new TextException(
          where
              + ": there is no port with interface index "
              + Integer.toUnsignedString(index)
              + "; there are "
              + known());
    }
  }

  private String known() {
    return indices.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .limit(MOST_NAMED)
        .map(port -> port.getKey() + " (" + port.getValue() + ")")
        .collect(Collectors.joining(", "));
  }
}
