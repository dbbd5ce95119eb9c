package org.xdp4j.engine;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.engine", "dataplane/engine");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void itKnowsNoRoomAboveIt() {
    ROOM.doesNotKnow("org.xdp4j.daemon", "org.xdp4j.bench");
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
