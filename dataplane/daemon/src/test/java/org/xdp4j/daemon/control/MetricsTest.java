package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics are as Prometheus' naming rules and promtool's lint want them. */
class MetricsTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"([^\"]*)\"");

  /** What promtool check metrics looks for in names. */
  private static final List<String> NO_UNITS =
      List.of("milli", "micro", "nano", "minutes", "hours", "kilobytes", "bits", "percent");

  @TempDir static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon = Daemon.rested(folder);
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static Wire.Answer page(String accept) throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      return wire.ask("GET", "/metrics", accept, (String) null);
    }
  }

  @Test
  void everySampleHasHelpTypeAndAWellFormedName() throws Exception {
    Wire.Answer page = page("");
    assertThat(page.header("content-type")).startsWith("text/plain; version=0.0.4");
    Map<String, String> types = new HashMap<>();
    Set<String> helped = new HashSet<>();
    Set<String> seen = new HashSet<>();
    for (String line : page.text().lines().toList()) {
      if (line.startsWith("# HELP ")) {
        String[] parts = line.split(" ", 4);
        assertThat(parts[3]).as(line).endsWith(".");
        helped.add(parts[2]);
      } else if (line.startsWith("# TYPE ")) {
        String[] parts = line.split(" ", 4);
        assertThat(types.put(parts[2], parts[3])).as("one family each: %s", line).isNull();
      } else {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        assertThat(seen.add(sample.group(1) + sample.group(2))).as("once: %s", line).isTrue();
        lint(sample.group(1), sample.group(2), types, helped);
      }
    }
    assertThat(seen).hasSizeGreaterThan(50);
  }

  private static void lint(
      String name, String labels, Map<String, String> types, Set<String> helped) {
    String family = types.containsKey(name) ? name : name.replaceFirst("_(sum|count)$", "");
    assertThat(types).as(name).containsKey(family);
    assertThat(helped).as(name).contains(family);
    assertThat(family).startsWith("xdp4j_").isLowerCase();
    boolean counter = types.get(family).equals("counter");
    assertThat(family.endsWith("_total")).as("%s is a counter or not", family).isEqualTo(counter);
    for (String word : NO_UNITS) {
      assertThat(List.of(family.split("_"))).as(family).doesNotContain(word);
    }
    Matcher label = LABEL.matcher(labels == null ? "" : labels);
    while (label.find()) {
      assertThat(family).as("a label's name is not in the metric's").doesNotContain("_by_");
      assertThat(label.group(1)).isNotEqualTo("le").isLowerCase();
    }
  }

  @Test
  void thingsAreToldApartByName() throws Exception {
    assertThat(page("").text())
        .contains(
            "xdp4j_port_received_frames_total{port=\"lan\"} 5000.0",
            "xdp4j_port_up{port=\"wan\"} 1.0",
            "xdp4j_program_runs_total{action=\"XDP_PASS\",function=\"firewall\",program=\"firewall\"}",
            "xdp4j_worker_pool_frames{worker=\"1\"} ");
  }

  @Test
  void openMetricsIsSpokenToWhoAsksForIt() throws Exception {
    Wire.Answer page = page("Accept: application/openmetrics-text; version=1.0.0\r\n");
    assertThat(page.header("content-type")).startsWith("application/openmetrics-text");
    assertThat(page.text()).endsWith("# EOF\n");
  }
}
