package org.xdp4j.bench;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.bench", "bench");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void everyPackageIsDescribed() throws IOException {
    ROOM.describesEveryPackage();
  }
}
