package org.xdp4j.bpf;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.testing.Room;

class ArchitectureTest {
  private static final Room ROOM = new Room("org.xdp4j.bpf", "dataplane/bpf");

  @Test
  void itsPackagesAreFreeOfCycles() {
    ROOM.hasNoPackageCycle();
  }

  @Test
  void eachPackageUsesOnlyThoseBelowIt() {
    ROOM.isLayered(
        List.of(
            "isa",
            "memory",
            "context",
            "map",
            "helper",
            "btf",
            "object",
            "text",
            "verifier",
            "interpreter",
            "counterexample",
            "compiler"));
  }

  @Test
  void itKnowsNoOtherRoom() {
    ROOM.doesNotKnow("org.xdp4j.net", "org.xdp4j.engine", "org.xdp4j.daemon", "org.xdp4j.bench");
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
