package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.isa.Dialect;
import org.xdp4j.bpf.isa.LlvmTools;
import org.xdp4j.bpf.isa.SectionListing;

class CodeListingTest {
  static Stream<Path> filters() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("xdp4j.root"), "filters"))) {
      return files.filter(file -> file.toString().endsWith(".o")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("filters")
  void listsFiltersAsLlvmObjdumpDoes(Path object) throws Exception {
    LlvmTools.assume("llvm-objdump-19");
    StringBuilder ours = new StringBuilder("\n" + object + ":\tfile format elf64-bpf\n");
    for (CodeListing section : CodeListing.read(object)) {
      ours.append(
          SectionListing.of(section.name(), section.code(), section.symbols(), Dialect.GENERIC));
    }
    assertThat(ours.toString())
        .isEqualTo(LlvmTools.run("llvm-objdump-19", "-d", object.toString()));
  }
}
