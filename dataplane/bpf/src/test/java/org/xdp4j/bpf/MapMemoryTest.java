package org.xdp4j.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;

/** Objects whose maps share what they may take. */
class MapMemoryTest {
  private static final Path FILTER =
      Path.of(System.getProperty("xdp4j.root"), "filters/syn_limiter.bpf.o");

  private static BpfObject read() throws Exception {
    return ObjectReader.read(FILTER);
  }

  @Test
  void anObjectIsRefusedWholeAndNothingStaysAllocated() throws Exception {
    BpfObject object = read();
    try (Region region = Region.reserve(1L << 30)) {
      MapBudget measure = MapBudget.unlimited();
      LoadedObject first =
          LoadedObject.load(object, region, LoadOptions.defaults().within(measure));
      long needed = measure.used();
      first.close();
      assertThat(measure.used()).isZero();

      long free = region.free();
      MapBudget budget = new MapBudget(needed * 3 / 2);
      LoadOptions options = LoadOptions.defaults().within(budget);
      LoadedObject one = LoadedObject.load(object, region, options);
      assertThatThrownBy(() -> LoadedObject.load(object, region, options))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("syn_limiter.bpf.o: program ")
          .hasMessageContaining(": map '")
          .hasMessageContaining("that maps may take together");
      assertThat(budget.used()).isEqualTo(needed);
      one.close();
      assertThat(region.free()).isEqualTo(free);
      assertThat(budget.used()).isZero();

      LoadedObject again = LoadedObject.load(object, region, options);
      assertThat(again.maps()).extracting(BpfMap::name).isNotEmpty();
      again.close();
    }
  }
}
