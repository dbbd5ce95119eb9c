package org.xdp4j.daemon.cli;

import org.xdp4j.bpf.map.MapBudget;

/** {@code --map-memory}, as all commands have it that load programs. */
final class MapMemory {
  static final String OPTION = "--map-memory";

  /** What each command says of it. */
  static final String DESCRIPTION =
      "The most memory that all maps may take together, such as 512M; a program whose maps need"
          + " more is refused.";

  private MapMemory() {}

  /** What all maps may take together; {@code size} is null for as much as there is. */
  static MapBudget parse(String size) throws CliException {
    return size == null ? MapBudget.unlimited() : new MapBudget(ByteSize.parse(OPTION, size));
  }
}
