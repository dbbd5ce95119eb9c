package org.xdp4j.bpf.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;

class MapAssignmentTest {
  private static final Path FILTER =
      Path.of(System.getProperty("xdp4j.root"), "filters/firewall.bpf.o");

  @TempDir private Path directory;
  private BpfObject firewall;

  @BeforeEach
  void read() throws Exception {
    firewall = ObjectReader.read(FILTER);
  }

  private BpfMap filled(String map, String... assignments) throws Exception {
    List<MapAssignment> parsed = new ArrayList<>();
    for (String assignment : assignments) {
      parsed.add(MapAssignment.parse(assignment));
    }
    BpfObject prepared = MapAssignment.prepare(firewall, parsed);
    MapSpec spec =
        prepared.maps().stream().filter(m -> m.name().equals(map)).findFirst().orElseThrow();
    BpfMap made = MapFactory.create(spec, Region.reserve(64 << 20), 1);
    MapAssignment.fill(prepared, parsed, name -> Optional.of(made).filter(m -> name.equals(map)));
    return made;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  @Test
  void entriesAreWrittenIntoTheMap() throws Exception {
    BpfMap ports =
        filled("ports", "ports={protocol: 17, number: 53}={action: XDP_DROP, id: 7},{6, 0, 22}=2");
    assertThat(Arrays.copyOf(ports.get(hex("11000035")), 8)).isEqualTo(hex("0100000007000000"));
    assertThat(Arrays.copyOf(ports.get(hex("06000016")), 8)).isEqualTo(hex("0200000000000000"));
  }

  @Test
  void entriesComeFromAFileOneALine() throws Exception {
    Path file = directory.resolve("ports.txt");
    Files.writeString(file, "# what is blocked\n\n{17, 0, 53} = 1\n  {6, 0, 22} = 2\n");
    BpfMap ports = filled("ports", "ports=@" + file);
    assertThat(ports.get(hex("11000035"))).startsWith(1);
    assertThat(ports.get(hex("06000016"))).startsWith(2);
  }

  @Test
  void aVariableIsSetByItsNameBeforeLoading() throws Exception {
    MapAssignment action = MapAssignment.parse("default_action=XDP_PASS");
    MapAssignment ports = MapAssignment.parse("open_tcp_ports=[8080]");
    BpfObject prepared = MapAssignment.prepare(firewall, List.of(action, ports));
    byte[] before = rodata(firewall);
    byte[] after = rodata(prepared);
    assertThat(after).hasSameSizeAs(before).isNotEqualTo(before);
    assertThat(HexFormat.of().formatHex(after)).contains("901f", "02000000");
    assertThat(HexFormat.of().formatHex(before)).doesNotContain("901f");
  }

  private static byte[] rodata(BpfObject object) {
    return object.maps().stream()
        .filter(m -> m.name().startsWith(".rodata"))
        .findFirst()
        .orElseThrow()
        .data();
  }

  @Test
  void troubleIsToldWithTheMapTheEntryAndTheLine() throws Exception {
    assertRefused("nothing", "'nothing' is not NAME=ENTRY");
    assertRefused("ports=", "'ports=' has no entry behind the equals sign");
    assertRefused(
        "port={1}=1",
        "there is no map or global variable 'port' in "
            + FILTER
            + ", which has decisions, sources_v4, sources_v6, ports, open_tcp_ports,"
            + " open_udp_ports, default_action");
    assertRefused(
        "ports={17, 0, 99999}=1",
        "map 'ports': entry '{17, 0, 99999}=1': number: 99999 does not fit into 16 bits");
    assertRefused(
        "ports={17, 0, 9}={act: 1}",
        "map 'ports': value '{act: 1}': there is no field 'act' in struct rule");
    assertRefused(
        "default_action=up",
        "default_action: 'up' is not a number, and no enum of the" + " object has this name");
    assertRefused("ports=@/does/not/exist", "/does/not/exist: there is no such file");
    Path file = directory.resolve("ports.txt");
    Files.writeString(file, "{17, 0, 53} = 1\nhello\n");
    assertRefused(
        "ports=@" + file,
        file + ":2: map 'ports': entry 'hello': a value is missing, write" + " KEY=VALUE");
  }

  private void assertRefused(String assignment, String message) {
    assertThatThrownBy(() -> filled("ports", assignment))
        .isInstanceOf(TextException.class)
        .hasMessage(message);
  }
}
