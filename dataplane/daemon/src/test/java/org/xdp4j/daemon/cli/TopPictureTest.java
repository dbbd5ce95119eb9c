package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.daemon.control.Daemon;
import org.xdp4j.daemon.control.client.ControlClient;

/** The picture of {@code top} in terminals of any size. */
class TopPictureTest {
  @TempDir static Path folder;
  private static Node figures;

  @BeforeAll
  static void ask() throws Exception {
    try (Daemon daemon = Daemon.rested(folder)) {
      figures = Node.of(new ControlClient(Path.of(daemon.socket())).get("/v1/figures"));
    }
  }

  @AfterAll
  static void forget() {
    figures = null;
  }

  private static List<String> picture(Style style, int width, int height) {
    return new TopPicture(style).lines(figures, figures, width, height);
  }

  private static String plain(String line) {
    return line.replaceAll("\033\\[[0-9;]*m", "");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 20, 40, 41, 42, 60, 80, 100, 200})
  void noLineIsLongerThanTheTerminalAndNoneIsTooMany(int width) {
    for (int height : new int[] {1, 2, 9, 10, 24, 100}) {
      List<String> lines = picture(Style.COLOURED, width, height);
      assertThat(lines).hasSizeLessThanOrEqualTo(height);
      for (String line : lines) {
        assertThat(plain(line).length()).as(line).isLessThanOrEqualTo(width);
        assertThat(line.contains("\033[1m")).as(line).isEqualTo(line.contains("\033[0m"));
      }
      assertThat(lines.stream().map(TopPictureTest::plain).toList())
          .as("the same without colours")
          .isEqualTo(picture(Style.PLAIN, width, height));
    }
  }

  @Test
  void noNumberIsCut() {
    List<String> wide = picture(Style.PLAIN, 1000, 1000);
    for (int width = 20; width < 120; width++) {
      for (String line : picture(Style.PLAIN, width, 1000)) {
        String last = line.substring(line.lastIndexOf(' ') + 1);
        if (last.matches("[0-9][0-9.,]*")) {
          assertThat(
                  wide.stream().anyMatch(whole -> (" " + whole + " ").contains(" " + last + " ")))
              .as("%s in '%s'", last, line)
              .isTrue();
        }
      }
    }
  }

  @Test
  void theBalanceIsWholeInANarrowTerminal() {
    List<String> lines = picture(Style.PLAIN, 40, 1000);
    String whole = ShowTables.balanceLine(figures.node("balance"));
    int first =
        lines.indexOf(
            lines.stream()
                .filter(whole::startsWith)
                .filter(l -> !l.isEmpty())
                .findFirst()
                .orElseThrow());
    assertThat(String.join("", lines.subList(first, lines.size())).replace("  ", " "))
        .isEqualTo(whole);
  }

  @Test
  void whereRowsAreFewTheEmptyOnesGoFirst() {
    assertThat(picture(Style.PLAIN, 80, 1000)).contains("");
    assertThat(picture(Style.PLAIN, 80, 9)).hasSize(9).doesNotContain("");
  }
}
