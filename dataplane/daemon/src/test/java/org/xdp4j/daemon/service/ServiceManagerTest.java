package org.xdp4j.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
  @TempDir private Path directory;

  @Test
  void tellsHowTheServiceIsThroughASocketsFile() {
    assumeTrue(CLibrary.isLinux(), "there is no Linux");
    String path = directory.resolve("notify").toString();
    try (NotifySocket socket = new NotifySocket(path)) {
      ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path), 1);
      manager.ready("2 ports");
      manager.reloading();
      manager.status("busy");
      manager.alive();
      manager.stopping("soon");
      assertThat(socket.messages())
          .hasSize(5)
          .startsWith("READY=1\nSTATUS=2 ports")
          .endsWith("STATUS=busy", "WATCHDOG=1", "STOPPING=1\nSTATUS=soon");
      assertThat(socket.messages().get(1)).matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+");
    }
  }

  @Test
  void tellsItThroughANameWithoutAFile() {
    assumeTrue(CLibrary.isLinux(), "there is no Linux");
    String name = "@xdp4j-test-" + ProcessHandle.current().pid();
    try (NotifySocket socket = new NotifySocket(name)) {
      ServiceManager.of(Map.of("NOTIFY_SOCKET", name), 1).ready("");
      assertThat(socket.messages()).containsExactly("READY=1\nSTATUS=");
    }
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void waitsForNoManagerThatDoesNotListen() throws Exception {
    assumeTrue(CLibrary.isLinux(), "there is no Linux");
    String path = directory.resolve("deaf").toString();
    int holds =
        Integer.parseInt(Files.readString(Path.of("/proc/sys/net/unix/max_dgram_qlen")).strip());
    assumeTrue(holds < 100, "a socket holds " + holds + " datagrams");
    try (NotifySocket socket = new NotifySocket(path)) {
      ServiceManager manager = ServiceManager.of(Map.of("NOTIFY_SOCKET", path), 1);
      for (int i = 0; i < holds + 5; i++) {
        manager.alive();
      }
      assertThat(socket.messages()).hasSizeBetween(holds, holds + 5);
    }
  }

  @Test
  void saysNothingWhereNobodyAskedOrListens() {
    assertThat(ServiceManager.of(Map.of(), 1).isThere()).isFalse();
    assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "relative"), 1).isThere()).isFalse();
    assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)), 1).isThere())
        .isFalse();
    String nobody = directory.resolve("nobody").toString();
    ServiceManager.of(Map.of("NOTIFY_SOCKET", nobody), 1).ready("");
  }

  @Test
  void theWatchdogIsTheProcessesOwn() {
    assumeTrue(CLibrary.isLinux(), "there is no Linux");
    Map<String, String> mine =
        Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", "3000000", "WATCHDOG_PID", "7");
    assertThat(ServiceManager.of(mine, 7).watchdogNanos()).isEqualTo(3_000_000_000L);
    assertThat(ServiceManager.of(mine, 8).watchdogNanos()).isZero();
    assertThat(
            ServiceManager.of(Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", "soon"), 7)
                .watchdogNanos())
        .isZero();
  }
}
