package org.xdp4j.net;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.net", "dataplane/net");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void itKnowsNoOtherRoom() {
    ROOM.doesNotKnow("org.xdp4j.bpf", "org.xdp4j.engine", "org.xdp4j.daemon", "org.xdp4j.bench");
  }

  @Test
  void itLeavesTheTerminalAlone() {
    ROOM.leavesTheTerminalAlone();
  }

  @Test
  void everyPackageIsDescribed() throws IOException {
    ROOM.describesEveryPackage();
  }
}
