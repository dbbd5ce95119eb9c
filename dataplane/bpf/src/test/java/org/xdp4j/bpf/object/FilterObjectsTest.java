package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.map.MapSpec;

/** The filters of the tree are read without trouble. */
class FilterObjectsTest {
  static Iterable<Path> filters() throws IOException {
    return Samples.filters();
  }

  @Test
  void thereAreAtLeastEight() throws IOException {
    assertThat(Samples.filters()).hasSizeGreaterThanOrEqualTo(8);
  }

  @ParameterizedTest
  @MethodSource("filters")
  void everyProgramIsLinkedAndEveryMapDefined(Path filter) throws ObjectException {
    BpfObject object = ObjectReader.read(filter);
    assertThat(object.programs()).isNotEmpty();
    for (BpfProgram program : object.programs()) {
      assertThat(program.problem()).as(program.name()).isNull();
      assertThat(program.lines()).as(program.name()).isNotEmpty();
      assertThat(program.lineOf(0).text()).as(program.name()).isNotEmpty();
      assertThat(program.subprograms().getLast().end()).isEqualTo(program.instructions().size());
    }
    for (MapSpec map : object.maps()) {
      assertThat(map.problem()).as(map.name()).isNull();
      assertThat(map.type()).as(map.name()).isNotNull();
    }
    assertThat(object.license()).isNotEmpty();
  }
}
