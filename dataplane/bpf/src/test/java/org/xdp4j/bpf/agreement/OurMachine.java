package org.xdp4j.bpf.agreement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;

/** Our own machine, interpreting or compiled. */
final class OurMachine implements Machine {
  private static final long REGION_SIZE = 1 << 20;

  private final Region region;
  private final LoadedObject loaded;
  private final XdpContext context;
  private final XdpProgram program;

  private OurMachine(Region region, LoadedObject loaded) {
    this.region = region;
    this.loaded = loaded;
    this.context = new XdpContext(region, 0);
    this.program = loaded.programs().getFirst();
  }

  static OurMachine load(BpfProgram program, List<MapSpec> specs, boolean interpret)
      throws LoadException {
    Region region = Region.reserve(REGION_SIZE);
    try {
      BpfObject object = new BpfObject(program.name(), List.of(program), specs, Btf.EMPTY, "GPL");
      LoadOptions options = new LoadOptions(1, interpret, false, Set.of());
      return new OurMachine(region, LoadedObject.load(object, region, options));
    } catch (LoadException | RuntimeException e) {
      region.close();
      throw e;
    }
  }

  @Override
  public Outcome run(byte[] packet) {
    TestRun.Result result = TestRun.run(program, context, packet, 1);
    if (program.faults() != 0) {
      throw new IllegalStateException("a verified program faulted: " + program.name());
    }
    return Outcome.of(result.returnCode(), result.data());
  }

  @Override
  public List<Map<String, String>> maps() {
    List<Map<String, String>> all = new ArrayList<>();
    for (MapSpec spec : loaded.object().maps()) {
      Map<String, String> entries = new TreeMap<>();
      loaded.map(spec.name()).ifPresent(map -> read(map, entries));
      all.add(entries);
    }
    return all;
  }

  private static void read(BpfMap map, Map<String, String> entries) {
    for (byte[] key : map.keys()) {
      byte[] value = Arrays.copyOf(map.get(key), map.spec().valueSize());
      entries.put(HexFormat.of().formatHex(key), HexFormat.of().formatHex(value));
    }
  }

  @Override
  public void close() {
    loaded.close();
    region.close();
  }
}
