package org.xdp4j.bpf.counterexample;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * A program that was never verified, in the checked interpreter, with maps of its own and an
 * address space of its own. One thread.
 */
final class Machine implements AutoCloseable {
  private static final long ADDRESS_SPACE = 1L << 32;
  private static final int HEADROOM = 256;

  /** Entries a hash table is made for: a search needs few, and the table costs memory. */
  private static final int MOST_ENTRIES = 4096;

  /** Instructions a run may take. */
  private static final long LIMIT = 200_000;

  private final Region region;
  private final XdpContext context;
  private final List<BpfMap> maps = new ArrayList<>();
  private final InterpretedProgram program;
  private final long frameStart;
  private StepListener listener = StepListener.NONE;

  /**
   * Makes the maps that the program uses.
   *
   * @throws MapException when one cannot be made
   * @throws IllegalArgumentException when an instruction is malformed
   */
  Machine(BpfProgram program, List<MapSpec> specs) throws MapException {
    region = Region.reserve(ADDRESS_SPACE);
    try {
      context = new XdpContext(region, 0);
      boolean[] used = used(program.instructions(), specs.size());
      for (int i = 0; i < specs.size(); i++) {
        maps.add(used[i] ? MapFactory.create(smaller(specs.get(i)), region, 1) : null);
      }
      InterpreterOptions options =
          InterpreterOptions.defaults()
              .withInstructionLimit(LIMIT)
              .withListener((index, registers) -> listener.before(index, registers));
      this.program = new InterpretedProgram(program.instructions(), maps, region, options);
      frameStart = region.allocate(HEADROOM + Input.MOST_BYTES, 64);
    } catch (MapException | RuntimeException | Error e) {
      region.close();
      throw e;
    }
  }

  private static boolean[] used(List<Instruction> program, int maps) {
    boolean[] used = new boolean[maps];
    for (Instruction i : program) {
      boolean map = i.src() == Opcode.PSEUDO_MAP_IDX || i.src() == Opcode.PSEUDO_MAP_IDX_VALUE;
      if (i.isWide() && map && i.imm() >= 0 && i.imm() < maps) {
        used[i.imm()] = true;
      }
    }
    return used;
  }

  private static MapSpec smaller(MapSpec spec) {
    boolean table =
        spec.type() == MapType.HASH
            || spec.type() == MapType.PERCPU_HASH
            || spec.type() == MapType.LRU_HASH
            || spec.type() == MapType.LRU_PERCPU_HASH
            || spec.type() == MapType.LPM_TRIE;
    return table && Integer.compareUnsigned(spec.maxEntries(), MOST_ENTRIES) > 0
        ? spec.withMaxEntries(MOST_ENTRIES)
        : spec;
  }

  List<BpfMap> maps() {
    return maps;
  }

  XdpContext context() {
    return context;
  }

  /** Puts a frame and map entries in place; what earlier runs left in tables is removed. */
  void prepare(Input input) {
    context.reset();
    context.frameTime = true;
    context.frameNanos = 1_000_000_000L;
    context.prandomState = 1;
    context.frameStart = frameStart;
    context.frameEnd = frameStart + HEADROOM + Input.MOST_BYTES;
    context.data = frameStart + HEADROOM;
    context.dataMeta = context.data;
    context.dataEnd = context.data + input.length;
    context.ingressIfindex = input.ingressIfindex;
    context.rxQueueIndex = input.rxQueueIndex;
    MemorySegment.copy(
        input.bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, context.data, Input.MOST_BYTES);
    for (BpfMap map : maps) {
      if (map != null && isTable(map)) {
        List<byte[]> keys = new ArrayList<>();
        map.keys().forEach(keys::add);
        keys.forEach(map::remove);
      }
    }
    for (Map.Entry<Input.Place, byte[]> entry : input.entries.entrySet()) {
      BpfMap map = maps.get(entry.getKey().map());
      if (map != null) {
        map.put(entry.getKey().key().array(), entry.getValue(), BpfMap.ANY);
      }
    }
  }

  private static boolean isTable(BpfMap map) {
    return switch (map.spec().type()) {
      case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH, LPM_TRIE -> true;
      default -> false;
    };
  }

  /** Runs what was prepared; returns its fault, or null. */
  FaultException run(StepListener newListener) {
    listener = newListener;
    try {
      program.execute(context, context.stackTop);
      return null;
    } catch (FaultException fault) {
      return fault;
    } finally {
      listener = StepListener.NONE;
    }
  }

  @Override
  public void close() {
    region.close();
  }
}
