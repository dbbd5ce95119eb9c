package org.xdp4j.bpf.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.ObjectReader;

/** The filters in the tree are safe, and their proofs are short. */
class FiltersTest {
  static Stream<Path> objects() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("xdp4j.root"), "filters"))) {
      return files.filter(file -> file.toString().endsWith(".bpf.o")).sorted().toList().stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("objects")
  void isAccepted(Path file) throws ObjectException, VerifierException {
    BpfObject object = ObjectReader.read(file);
    for (BpfProgram program : object.programs()) {
      VerifiedProgram verified = Verifier.verify(program, object.maps());
      assertThat(verified.processed()).isBetween(1, 200_000);
      assertThat(verified.reached(0)).isTrue();
    }
  }
}
