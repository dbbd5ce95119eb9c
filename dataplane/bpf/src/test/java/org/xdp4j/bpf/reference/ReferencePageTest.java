package org.xdp4j.bpf.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.Reference;
import org.xdp4j.bpf.Reference.Row;

/** The generated page is true: as the tables say, and every row has a test that names it. */
class ReferencePageTest {
  private static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));

  private final ReferencePage page = new ReferencePage(ROOT);

  @Test
  void thePageSaysWhatTheTablesSay() throws IOException {
    if (Boolean.getBoolean("xdp4j.write")) {
      page.write(ROOT);
    }
    assertThat(Files.readString(ReferencePage.file(ROOT))).isEqualTo(page.text());
  }

  @Test
  void everyRowHasATestThatNamesIt() {
    Set<String> untested =
        page.rows().stream()
            .filter(row -> page.tests(row).isEmpty())
            .map(Row::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(untested).isEmpty();
  }

  /** Rules say what is accepted; that what is there answers right needs a test that runs it. */
  @Test
  void everyRowThatIsThereHasATestThatRunsIt() {
    Set<String> judgedOnly =
        page.rows().stream()
            .filter(row -> row.state() != Reference.State.REFUSED)
            .filter(row -> !row.name().equals("__bpf_trap")) // no run can come to it
            .filter(row -> page.tests(row).stream().allMatch(test -> test.endsWith(".rule")))
            .map(Row::name)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(judgedOnly).isEmpty();
  }

  @Test
  void testsNameOnlyWhatIsInTheTables() {
    Set<String> known = page.rows().stream().map(Row::name).collect(Collectors.toSet());
    for (String name : page.tests().names()) {
      assertThat(name.isEmpty() || known.contains(name)).as(name).isTrue();
    }
  }
}
