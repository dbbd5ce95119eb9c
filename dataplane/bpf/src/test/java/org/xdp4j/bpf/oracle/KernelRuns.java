package org.xdp4j.bpf.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;

/** What a program of an object returns in the running kernel, with the object's own types. */
public final class KernelRuns {
  private KernelRuns() {}

  /**
   * Its return code for each frame, one after the other.
   *
   * @param file the object's, for the kernel to have its types
   */
  public static List<Integer> of(BpfObject object, Path file, String name, List<byte[]> frames) {
    BpfProgram program = object.program(name).orElseThrow();
    List<Integer> results = new ArrayList<>();
    try (KernelTypes types = KernelTypes.load(file, object.btf())) {
      List<KernelMap> maps = KernelOracle.createMaps(program, object.maps(), types);
      KernelOracle.Verdict verdict = KernelOracle.load(program, maps, KernelOracle.LOG_FULL, types);
      assertThat(verdict.accepted()).as(verdict.reason()).isTrue();
      try (KernelProgram loaded = verdict.program()) {
        frames.forEach(frame -> results.add(loaded.run(frame).returnCode()));
      }
      maps.stream().filter(Objects::nonNull).forEach(KernelMap::close);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return results;
  }
}
