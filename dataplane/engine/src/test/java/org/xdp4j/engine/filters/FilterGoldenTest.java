package org.xdp4j.engine.filters;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FilterGoldenTest {
  private static final boolean WRITE = "write".equals(System.getProperty("xdp4j.golden"));

  static List<FilterCase> filters() {
    return FilterCase.all();
  }

  @ParameterizedTest
  @MethodSource("filters")
  void everyFilterGivesItsGoldenResultOnEveryCapture(FilterCase filter) throws IOException {
    StringBuilder results = new StringBuilder();
    try (OurMachine machine = OurMachine.load(filter, false)) {
      for (Path capture : Repository.captures()) {
        String title = capture.getFileName().toString();
        results.append(FilterResult.of(title, filter, machine, CapturedFrame.readAll(capture)));
        machine.startOver();
      }
    }
    Path golden = Repository.GOLDEN.resolve(filter.name() + ".txt");
    if (WRITE) {
      Files.createDirectories(Repository.GOLDEN);
      Files.writeString(golden, results);
    }
    assertThat(golden).exists();
    assertThat(results.toString()).isEqualTo(Files.readString(golden));
  }

  @Test
  void everyGoldenFileBelongsToAFilter() {
    assertThat(Repository.files(Repository.GOLDEN, ".*\\.txt"))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrderElementsOf(
            filters().stream().map(filter -> filter.name() + ".txt").toList());
  }

  @Test
  void theCapturesHoldAsManyFramesAsTheirListSays() throws IOException {
    TreeMap<String, String> listed = new TreeMap<>();
    for (String line : Files.readAllLines(Repository.CAPTURES.resolve("README.md"))) {
      String[] cells = line.split("\\|");
      if (cells.length > 3 && cells[1].contains("`")) {
        listed.put(cells[1].replace("`", "").strip(), cells[2].strip());
      }
    }
    TreeMap<String, String> actual = new TreeMap<>();
    for (Path capture : Repository.captures()) {
      String frames = Integer.toString(CapturedFrame.readAll(capture).size());
      actual.put(capture.getFileName().toString(), frames);
    }
    assertThat(actual).isEqualTo(listed);
  }
}
