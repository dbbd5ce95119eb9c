package org.xdp4j.net.nat;

import org.xdp4j.net.flow.KeyEntry;

/** A mapping in one of the two tables it is found by. */
final class NatEntry extends KeyEntry {
  final NatMapping mapping;

  NatEntry(NatMapping mapping, long key) {
    super(key, 0, 0, 0, 0);
    this.mapping = mapping;
  }
}
