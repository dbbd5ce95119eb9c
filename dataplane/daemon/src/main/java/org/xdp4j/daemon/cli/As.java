package org.xdp4j.daemon.cli;

/** What {@code --as} takes programs for. */
enum As {
  /** XDP, whatever their section says. */
  XDP;

  @Override
  public String toString() {
    return "xdp";
  }
}
