package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is asked may be written as a whole URL, and what cannot be read is refused in plain words.
 */
class TargetsTest {
  @TempDir private Path folder;

  @Test
  void aWholeUrlIsItsPathAndItsNameCountsInstead() throws Exception {
    try (Daemon daemon = Daemon.rested(folder);
        Wire wire = daemon.connect(Wire.Over.TCP)) {
      assertThat(wire.get("http://localhost:80/v1/balance").text()).contains("received");
      assertThat(wire.get("HTTPS://localhost/v1/fib?limit=1").status()).isEqualTo(200);
      assertThat(wire.get("http://localhost?x=1").status()).isEqualTo(400);
      assertThat(wire.get("http://evil.example/v1/balance").status()).isEqualTo(421);
      assertThat(wire.get("ftp://localhost/v1/balance").status()).isEqualTo(400);
      assertThat(wire.get("http://me@localhost/v1/balance").status()).isEqualTo(400);
      assertThat(wire.get("/v1/balance").status()).isEqualTo(200);
    }
  }

  @Test
  void brokenJsonIsSaidWithoutTheParsersOwnWords() throws Exception {
    try (Daemon daemon = Daemon.rested(folder);
        Wire wire = daemon.connect(Wire.Over.UNIX)) {
      for (String body :
          new String[] {"[", "{\"set\": [\"a\"", "{\"a\":1,\"a\":2}", "{set:1}", "}"}) {
        Wire.Answer answer = wire.json("POST", "/v1/maps/sources_v4/entries", body);
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(answer.detail())
            .as(body)
            .contains("it is not JSON (line 1, column ")
            .doesNotContain("Source", "REDACTED", "byte[]", "StreamRead", "JsonParser");
      }
    }
  }
}
