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

  @TempDir private Path directory;

  @BeforeEach
  void needsNamespacesAndTools() throws Exception {
    Lab.assumePossible();
    assumeTrue(Lab.hasTools("iperf3", "ping", "nsenter"), "there is no iperf3, ping or nsenter");
  }

  @Test
  void linksGoDownAndUp() throws Exception {
    Lab lab = run("flaps", "10");
    assertThat(lab.out()).contains(" link flaps: the link works, the daemon goes on\n");
  }

  @Test
  void theFileIsReadAgainUnderLoadAndNothingIsLost() throws Exception {
    Lab lab = run("reloads", "5", "2500");
    assertThat(lab.out()).contains(": 0 of ");
  }

  @Test
  void itIsKilledAndStartsAgain() throws Exception {
    Lab lab = run("kills", "2");
    assertThat(lab.out()).contains(" times killed: ready after ");
  }

  private Lab run(String name, String... few) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(name));
    if (!LONG) {
      arguments.addAll(List.of(few));
    }
    Lab lab = Lab.script(directory, "campaign", arguments);
    System.out.print(lab.out());
    // How long a start takes belongs to the machine: in few rounds it is not judged.
    assertThat(lab.status()).as(lab.toString()).isIn(name.equals("kills") && !LONG ? 1 : 0, 0);
    return lab;
  }
}
