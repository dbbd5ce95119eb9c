package org.xdp4j.bpf.interpreter;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;

/** A region, a context with a 64-byte packet behind 16 bytes of metadata, and maps. */
final class Machine implements AutoCloseable {
  static final int PACKET = 64;
  static final int METADATA = 16;

  final Region region = Region.reserve(64 << 20);
  final XdpContext context = new XdpContext(region, 0);
  final List<BpfMap> maps = new ArrayList<>();

  Machine() {
    context.frameStart = region.allocate(1024, 64);
    context.frameEnd = context.frameStart + 1024;
    context.data = context.frameStart + 256;
    context.dataMeta = context.data - METADATA;
    context.dataEnd = context.data + PACKET;
  }

  BpfMap map(MapType type, int keySize, int valueSize, int entries, int flags) {
    MapSpec spec = MapSpec.of("map" + maps.size(), type, keySize, valueSize, entries, flags);
    try {
      maps.add(MapFactory.create(spec, region, 1));
    } catch (MapException e) {
      throw new AssertionError(e);
    }
    return maps.getLast();
  }

  InterpretedProgram program(String source) {
    return program(source, InterpreterOptions.defaults());
  }

  InterpretedProgram program(String source, InterpreterOptions options) {
    return new InterpretedProgram(Assembler.assemble(source), maps, region, options);
  }

  long run(String source) {
    return run(program(source));
  }

  long run(InterpretedProgram program) {
    context.reset();
    return program.execute(context, context.stackTop);
  }

  @Override
  public void close() {
    region.close();
  }
}
