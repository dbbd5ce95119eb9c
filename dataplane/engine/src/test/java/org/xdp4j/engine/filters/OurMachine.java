package org.xdp4j.engine.filters;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.xdp4j.bpf.LoadException;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.TestRun;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.text.MapAssignment;
import org.xdp4j.bpf.text.TextException;

/** A filter in our own machine, interpreted or compiled; its clock is the capture's. */
final class OurMachine implements FilterMachine {
  private static final long REGION_SIZE = 512L << 20;

  private final Region region;
  private final LoadedObject loaded;
  private final XdpProgram program;
  private final XdpContext context;

  /** What the maps held before the first frame. */
  private final TreeMap<String, Map<Bytes, byte[]>> beginning;

  private OurMachine(Region region, LoadedObject loaded, String program) {
    this.region = region;
    this.loaded = loaded;
    this.program = loaded.program(program).orElseThrow();
    this.context = new XdpContext(region, 0);
    this.context.frameTime = true;
    this.context.events = new NobodyListens();
    this.beginning = maps();
  }

  /** As in the kernel when no reader has opened the perf buffer. */
  private static final class NobodyListens implements EventSink {
    @Override
    public void printk(int cpu, String text) {}

    @Override
    public boolean perfEvent(String map, int cpu, byte[] data) {
      return false;
    }
  }

  static OurMachine load(FilterCase filter, boolean interpret) {
    Region region = Region.reserve(REGION_SIZE);
    try {
      LoadOptions options = new LoadOptions(1, interpret, false, Set.of(filter.program()));
      LoadedObject loaded = LoadedObject.load(filter.object(), region, options);
      MapAssignment.fill(filter.object(), filter.assignments(), loaded::map);
      return new OurMachine(region, loaded, filter.program());
    } catch (LoadException | TextException e) {
      region.close();
      throw new AssertionError(filter + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Outcome run(CapturedFrame frame) {
    context.frameNanos = frame.nanos();
    TestRun.Result result = TestRun.run(program, context, frame.data(), 1);
    if (program.faults() != 0) {
      throw new AssertionError("a verified program faulted: " + program.name());
    }
    return new Outcome(result.returnCode(), result.data(), target());
  }

  private String target() {
    return loaded
        .mapAt(context.redirectMap)
        .map(map -> map.name() + "[" + context.redirectTarget + "]")
        .orElse("");
  }

  /** Puts every map back as it was before the first frame: loading anew would take longer. */
  void startOver() {
    maps().forEach((name, now) -> restore(loaded.map(name).orElseThrow(), now));
  }

  private void restore(BpfMap map, Map<Bytes, byte[]> now) {
    Map<Bytes, byte[]> before = beginning.get(map.name());
    for (Bytes key : now.keySet()) {
      if (!before.containsKey(key)) {
        map.remove(key.value());
      }
    }
    before.forEach(
        (key, value) -> {
          if (!Arrays.equals(value, now.get(key))) {
            map.put(key.value(), value, BpfMap.ANY);
          }
        });
  }

  LoadedObject loaded() {
    return loaded;
  }

  @Override
  public TreeMap<String, Map<Bytes, byte[]>> maps() {
    return maps(loaded);
  }

  /** What each map of a loaded object holds for CPU 0. */
  static TreeMap<String, Map<Bytes, byte[]>> maps(LoadedObject loaded) {
    TreeMap<String, Map<Bytes, byte[]>> all = new TreeMap<>();
    for (BpfMap map : loaded.maps()) {
      Map<Bytes, byte[]> entries = new TreeMap<>();
      for (byte[] key : map.keys()) {
        byte[] value = map.get(key);
        if (value != null) {
          entries.put(new Bytes(key), Arrays.copyOf(value, map.spec().valueSize()));
        }
      }
      all.put(map.name(), entries);
    }
    return all;
  }

  @Override
  public void close() {
    loaded.close();
    region.close();
  }
}
