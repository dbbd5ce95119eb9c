package org.xdp4j.net;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.net", "dataplane/net");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void eachPackageUsesOnlyThoseBeforeIt() {
    ROOM.isLayered(List.of("wire", "flow", "route", "police", "link", "filter", "nat", "stack"));
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
