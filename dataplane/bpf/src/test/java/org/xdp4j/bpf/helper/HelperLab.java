package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.oracle.KernelProgram;

/** Runs the same instructions here and in the running kernel, and holds the results together. */
final class HelperLab implements AutoCloseable {
  private static final int HEADROOM = 256;

  /** Where the kernel's test run ends a page: behind come the 320 bytes it keeps for itself. */
  private static final int FRAME = 4096 - 320;

  final Region region = Region.reserve(1 << 24);
  final XdpContext context = new XdpContext(region, 0);

  /** The first map's only value after the last comparison, when it had one. */
  byte[] kept;

  /** What a run left. */
  record Result(int returnCode, byte[] packet) {}

  List<BpfMap> makeMaps(List<MapSpec> specs) throws MapException {
    List<BpfMap> maps = new ArrayList<>();
    for (MapSpec spec : specs) {
      maps.add(MapFactory.create(spec, region, KernelOracle.possibleCpus()));
    }
    return maps;
  }

  /** Runs here. */
  Result run(Snippet snippet, List<BpfMap> maps, byte[] packet) {
    long start = region.allocate(FRAME, 64);
    context.reset();
    context.frameStart = start;
    context.frameEnd = start + FRAME;
    context.data = start + HEADROOM;
    context.dataMeta = context.data;
    context.dataEnd = context.data + packet.length;
    MemorySegment.copy(packet, 0, region.segment(), Region.BYTE, context.data, packet.length);
    int code =
        (int)
            new InterpretedProgram(snippet.instructions(), maps, region)
                .execute(context, context.stackTop);
    // The kernel's test run gives the metadata back in front of the packet.
    byte[] after = new byte[(int) (context.dataEnd - context.dataMeta)];
    MemorySegment.copy(region.segment(), Region.BYTE, context.dataMeta, after, 0, after.length);
    region.free(start, FRAME);
    return new Result(code, after);
  }

  /**
   * Runs here and in the kernel: same return code, same packet, and same single values of array
   * maps.
   */
  void agree(String what, Snippet snippet, List<MapSpec> specs, byte[] packet) throws MapException {
    BpfProgram program = BpfProgram.of(snippet.instructions());
    List<KernelMap> kernelMaps = KernelOracle.createMaps(program, specs);
    List<BpfMap> maps = makeMaps(specs);
    try {
      KernelOracle.Verdict verdict = KernelOracle.load(program, kernelMaps, KernelOracle.LOG_FULL);
      assertThat(verdict.accepted()).as("%s: %s", what, verdict.log()).isTrue();
      try (KernelProgram kernel = verdict.program()) {
        KernelProgram.Run expected = kernel.run(packet);
        Result actual = run(snippet, maps, packet);
        assertThat(actual.returnCode()).as(what).isEqualTo(expected.returnCode());
        assertThat(actual.packet()).as(what).isEqualTo(expected.data());
        compare(what, maps, kernelMaps);
        kept = specs.size() == 1 ? maps.getFirst().get(new byte[4]) : null;
      }
    } finally {
      kernelMaps.stream().filter(m -> m != null).forEach(KernelMap::close);
      maps.forEach(BpfMap::free);
    }
  }

  private static void compare(String what, List<BpfMap> maps, List<KernelMap> kernelMaps) {
    for (int i = 0; i < maps.size(); i++) {
      KernelMap kernel = kernelMaps.get(i);
      if (kernel == null || maps.get(i).spec().type().isPerCpu()) {
        continue;
      }
      for (byte[] key : maps.get(i).keys()) {
        assertThat(maps.get(i).get(key)).as("%s: map %d", what, i).isEqualTo(kernel.lookup(key));
      }
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
