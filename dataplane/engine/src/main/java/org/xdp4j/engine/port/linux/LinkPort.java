package org.xdp4j.engine.port.linux;

import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortState;

/** A port that is as well as its interface in this system: what a {@link LinkWatch} sees of it. */
abstract class LinkPort extends AbstractPort {
  LinkPort(PortIdentity identity) {
    super(identity);
  }

  /** Who watches its interface; the same one always. */
  abstract LinkWatch watch();

  @Override
  public final PortState state() {
    return watch().state();
  }

  @Override
  public final long stateChanges() {
    return watch().changes();
  }

  @Override
  public String problem() {
    return watch().problem();
  }
}
