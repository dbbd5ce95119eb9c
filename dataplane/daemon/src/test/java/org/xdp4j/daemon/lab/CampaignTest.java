package org.xdp4j.daemon.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trouble for a daemon at work, in few rounds; {@code -Dxdp4j.campaigns=true} for as many as {@code
 * dataplane/lab/campaign} makes by itself.
 */
class CampaignTest {
  private static final boolean LONG = Boolean.getBoolean("xdp4j.campaigns");

  private static final int SLOW = 3;

  @TempDir private Path directory;

  @BeforeEach
  void needsNamespacesAndTools() throws Exception {
    Lab.assumePossible();
    assumeTrue(
        Lab.hasTools("python3", "tc", "ping", "nsenter"),
        "there is no python3, tc, ping or nsenter");
  }

  @Test
  void linksGoDownAndUp() throws Exception {
    Lab lab = run("flaps", "10");
    assertThat(lab.out()).contains(" link flaps: the link works, the daemon goes on\n");
  }

  @Test
  void theFileIsReadAgainUnderLoadAndNothingIsLost() throws Exception {
    Lab lab = run("reloads", "5", "2500");
    // The machine may give the daemon no processor for a while; then the kernel's queue is full.
    assertThat(lab.out()).contains(" reloads, ").doesNotContain("daemon: ", "nobody knows of");
  }

  @Test
  void workersComeAndGoUnderLoadAndNothingIsLost() throws Exception {
    Lab lab = run("workers", "5", "2500");
    assertThat(lab.out()).contains(" reloads, ").doesNotContain("daemon: ", "nobody knows of");
  }

  @Test
  void itIsKilledAndStartsAgain() throws Exception {
    Lab lab = run("kills", "2");
    assertThat(lab.out()).contains(" times killed: ready after ");
  }

  /** In the long form only: to find how much goes through takes its time. */
  @Test
  void overloadEndsInNamedDropsOnlyAndControlStillAnswers() throws Exception {
    assumeTrue(LONG, "-Dxdp4j.campaigns=true has it");
    assumeTrue(Lab.hasTools("clang-19") || Lab.hasTools("clang"), "there is no clang");
    Lab lab = run("overload");
    assertThat(lab.out()).contains("10 times as much, ").doesNotContain("nobody knows of");
  }

  private Lab run(String name, String... few) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(name));
    if (!LONG) {
      arguments.addAll(List.of(few));
    }
    Lab lab = Lab.script(directory, "campaign", arguments);
    System.out.print(lab.out());
    // How long a start takes and how full the kernel's queues get belongs to the machine: in few
    // rounds it is not judged.
    assertThat(lab.status()).as(lab.toString()).isIn(0, LONG ? 0 : SLOW);
    return lab;
  }
}
