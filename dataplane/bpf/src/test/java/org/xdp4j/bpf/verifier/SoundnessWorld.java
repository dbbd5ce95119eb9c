package org.xdp4j.bpf.verifier;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.interpreter.ProgramFacts;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.AnyProgram;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ObjectTypes;

/** Maps, frames and a context, on which accepted programs run and are held against their proofs. */
final class SoundnessWorld implements AutoCloseable {
  private static final int ROOM = 1024;
  private static final int HEADROOM = 256;
  private static final int[] LENGTHS = {0, 1, 13, 14, 20, 34, 40, 42, 54, 60, 64, 100, 128, 300};

  private final Region region = Region.reserve(64 << 20);
  private final XdpContext context = new XdpContext(region, 0);
  private final List<BpfMap> maps = new ArrayList<>();
  private final List<MapSpec> specs;
  private final long frame = region.allocate(ROOM, 64);
  private final Random random;
  private final Set<RegisterKind> kinds = EnumSet.noneOf(RegisterKind.class);
  private long steps;
  private long compared;

  SoundnessWorld(List<MapSpec> specs, long seed) throws MapException {
    this.specs = specs;
    random = new Random(seed);
    for (MapSpec spec : specs) {
      maps.add(MapFactory.create(spec, region, 1));
    }
    maps.forEach(this::fill);
  }

  List<MapSpec> specs() {
    return specs;
  }

  /** Instructions compared with claims so far. */
  long steps() {
    return steps;
  }

  /** Bounds and outcomes that the compiler may rely on, compared so far. */
  long compared() {
    return compared;
  }

  /** Kinds of values that accepted programs had in registers. */
  Set<RegisterKind> kinds() {
    return kinds;
  }

  /** Some entries, so that lookups find something and bytes are not all zero. */
  private void fill(BpfMap map) {
    MapSpec spec = map.spec();
    if (map instanceof ProgramArrayMap programs) {
      InterpretedProgram other =
          new InterpretedProgram(
              List.of(
                  new Instruction(Opcode.ALU64 | Opcode.MOV, 0, 0, 0, 3),
                  new Instruction(Opcode.JMP | Opcode.EXIT, 0, 0, 0, 0)),
              List.of(),
              region);
      for (int i = 0; i < spec.maxEntries(); i += 2) {
        AnyProgram.put(programs, i, other);
      }
    } else if (map instanceof InnerMaps holder) {
      fillInner(holder, spec);
    } else if (map instanceof ArenaMap arena) {
      fillPages(arena);
    } else if (spec.data() == null && spec.valueSize() > 0 && spec.type() != MapType.DEVMAP) {
      for (int i = 0; i < Math.min(4, spec.maxEntries()); i++) {
        byte[] value = new byte[spec.valueSize()];
        random.nextBytes(value);
        map.put(key(spec, i), value, BpfMap.ANY);
      }
    }
  }

  /** All pages but the one before the last. */
  private void fillPages(ArenaMap arena) {
    byte[] page = new byte[ArenaMap.PAGE];
    for (int i = 0; i < arena.spec().maxEntries(); i++) {
      random.nextBytes(page);
      if (i != arena.spec().maxEntries() - 2) {
        arena.write(arena.userStart() + (long) i * page.length, page);
      }
    }
  }

  private void fillInner(InnerMaps holder, MapSpec spec) {
    try {
      BpfMap inner = MapFactory.create(spec.inner(), region, 1);
      fill(inner);
      holder.set(key(spec, 0), inner, BpfMap.ANY);
    } catch (MapException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] key(MapSpec spec, int number) {
    byte[] key = new byte[spec.keySize()];
    if (key.length > 0) {
      key[spec.type() == MapType.LPM_TRIE ? key.length - 1 : 0] = (byte) number;
    }
    return key;
  }

  /**
   * Verifies a program and, when it is accepted, runs it over {@code frames} random frames.
   *
   * @return whether it was accepted; false, too, when its proof is too long to be compared
   * @throws AssertionError when a run contradicts the proof, naming {@code name}
   */
  boolean verifyAndRun(String name, BpfProgram program, int frames) {
    Exploration exploration = new Exploration(kinds);
    VerifiedProgram verified;
    try {
      verified = Verifier.verify(program, specs, exploration);
    } catch (VerifierException | Exploration.LongProof e) {
      return false;
    }
    run(name, verified, exploration, frames);
    return true;
  }

  private void run(String name, VerifiedProgram verified, Exploration exploration, int frames) {
    Claims claims = new Claims(context, maps);
    List<Instruction> code = verified.program().instructions();
    PathFollower follower = new PathFollower(code, exploration, context, claims);
    JoinedClaims joined = new JoinedClaims(verified, context);
    LocalTypes types =
        new ObjectTypes(verified.program().btf()).forRuns(1, verified.program().kernel());
    InterpreterOptions options =
        InterpreterOptions.defaults()
            .withFacts(
                new ProgramFacts(
                    instruction -> types,
                    ProgramFacts.NONE.exceptionCallbacks(),
                    verified::arena,
                    verified::isProbe,
                    ProgramFacts.NONE.inlinedLoops()))
            .withListener(
                (index, registers) -> {
                  joined.before(index, registers);
                  follower.before(index, registers);
                });
    InterpretedProgram interpreted = new InterpretedProgram(code, maps, region, options);
    for (int i = 0; i < frames; i++) {
      nextFrame();
      follower.reset();
      joined.reset();
      try {
        interpreted.execute(context, context.stackTop);
      } catch (PathFollower.LongRun e) {
        // Enough was seen of this loop.
      } catch (FaultException | PathFollower.Violation e) {
        throw new AssertionError(
            name + " was accepted, but " + e.getMessage() + "\n" + Listing.of(code), e);
      }
    }
    steps += follower.steps();
    compared += joined.compared();
  }

  private void nextFrame() {
    int length = LENGTHS[random.nextInt(LENGTHS.length)];
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    MemorySegment.copy(bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, frame + HEADROOM, length);
    context.reset();
    context.frameStart = frame;
    context.data = frame + HEADROOM;
    context.dataMeta = context.data - random.nextInt(3) * 4;
    context.dataEnd = context.data + length;
    context.frameEnd = frame + ROOM - 320;
    context.ingressIfindex = random.nextInt(70);
    context.rxQueueIndex = random.nextInt(3);
    context.egressIfindex = random.nextInt(3);
  }

  @Override
  public void close() {
    region.close();
  }
}
