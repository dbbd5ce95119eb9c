package org.xdp4j.daemon;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.daemon", "dataplane/daemon");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void itKnowsNoRoomAboveIt() {
    ROOM.doesNotKnow("org.xdp4j.bench");
  }

  @Test
  void everyPackageIsDescribed() throws IOException {
    ROOM.describesEveryPackage();
  }
}
