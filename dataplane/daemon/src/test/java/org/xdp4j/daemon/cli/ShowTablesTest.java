package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.daemon.control.json.JsonReader;

class ShowTablesTest {
  @Test
  void aPortThatCannotDoItsWorkSaysWhyBelowTheTable() throws Exception {
    List<Node> ports = new ArrayList<>();
    for (String json :
        List.of(
            "{\"port\":\"lan\",\"state\":\"up\",\"problem\":null}",
            "{\"port\":\"file\",\"state\":\"down\",\"problem\":\"No space left on device\"}")) {
      ports.add(new Node(JsonReader.readObject(json.getBytes(StandardCharsets.UTF_8))));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ShowTables(new PrintStream(out, true, StandardCharsets.UTF_8)).ports(ports);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith("\nport file: No space left on device\n")
        .doesNotContain("port lan:");
  }

  @Test
  void whatIsDoneToFramesOnPurposeAndForThemIsSaidBelowTheTable() throws Exception {
    String json =
        "{\"port\":\"wan\",\"state\":\"up\",\"receivePartialChecksums\":7,"
            + "\"receiveFaults\":{\"lost\":0,\"duplicated\":0},"
            + "\"transmitFaults\":{\"lost\":1200,\"duplicated\":0,\"reordered\":3}}";
    List<Node> ports =
        List.of(new Node(JsonReader.readObject(json.getBytes(StandardCharsets.UTF_8))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ShowTables(new PrintStream(out, true, StandardCharsets.UTF_8)).ports(ports);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .endsWith(
            "\nport wan: on purpose, of what went out: 1,200 lost, 3 reordered\n"
                + "port wan: 7 came with a checksum left to a device, and are given it\n");
  }
}
