package org.xdp4j.net.link;

import java.util.List;

/**
 * Ports that are one link. Its ports are fixed; a bridge with others may take over its table.
 * Shared by all workers.
 */
public final class Bridge {
  private static final int STATIONS = 16_384;

  private final int number;
  private final BridgePort[] ports;
  private final MacTable stations;

  /** Makes one that knows no station. */
  public Bridge(int number, List<BridgePort> ports) {
    this(number, ports, new MacTable(STATIONS));
  }

  /** Makes one that knows the stations of {@code table}. */
  public Bridge(int number, List<BridgePort> ports, MacTable table) {
    this.number = number;
    this.ports = ports.toArray(new BridgePort[0]);
    this.stations = table;
  }

  public int number() {
    return number;
  }

  /** How many ports it has. */
  public int portCount() {
    return ports.length;
  }

  /** One of its ports, by its place among them. */
  public BridgePort port(int place) {
    return ports[place];
  }

  public MacTable stations() {
    return stations;
  }

  /** Whether a port of it is one of another bridge too. */
  public boolean sharesPort(Bridge other) {
    for (BridgePort each : ports) {
      if (other.find(each.port()) != null) {
        return true;
      }
    }
    return false;
  }

  /** The port with this number, or null when it is none of the bridge's. */
  public BridgePort find(int port) {
    for (BridgePort each : ports) {
      if (each.port() == port) {
        return each;
      }
    }
    return null;
  }

  /** Says that a port's link came or went; who was behind it is forgotten when it goes. */
  public void setUp(int port, boolean up) {
    BridgePort changed = find(port);
    if (changed != null) {
      changed.setUp(up);
      if (!up) {
        stations.flush(port);
      }
    }
  }
}
