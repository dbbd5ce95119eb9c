package org.xdp4j.bpf.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Writes random XDP programs that use everything there is: every instruction, pointers of every
 * kind in any register and stack slot, every helper and every type of map. It knows roughly what
 * each register holds, and now and then does not care: about half of the programs are safe. Unlike
 * those of {@link ProgramGenerator} they may show addresses, so their results are not compared.
 */
public final class WildGenerator {
  private static final RandomGeneratorFactory<RandomGenerator> RANDOM =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private final Scribe s;
  private final NumberWriter numbers;
  private final StackWriter stack;
  private final PacketWriter packet;
  private final MapWriter maps;
  private final HelperWriter helpers;
  private final FlowWriter flow;
  private final ObjectWriter objects;
  private final ArenaWriter arenas;
  private final CastWriter casts;

  /** Whether the program uses an arena, and then much. */
  private final boolean hasArena;

  private int nesting;

  private WildGenerator(RandomGenerator random) {
    int careless = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0;
    s = new Scribe(random, careless);
    numbers = new NumberWriter(s);
    AtomicWriter atomics = new AtomicWriter(s);
    stack = new StackWriter(s, numbers, atomics);
    packet = new PacketWriter(s, numbers);
    maps = new MapWriter(s, numbers, atomics);
    helpers = new HelperWriter(s, numbers, maps);
    flow = new FlowWriter(s, numbers);
    objects = new ObjectWriter(s, flow);
    arenas = new ArenaWriter(s, numbers, atomics);
    casts = new CastWriter(s);
    hasArena = s.below(4) == 0;
  }

  /** The program of this seed. */
  public static GeneratedProgram generate(long seed) {
    return new WildGenerator(RANDOM.create(seed)).write(seed);
  }

  private GeneratedProgram write(long seed) {
    Holding[] arguments = new Holding[6];
    Arrays.fill(arguments, Holding.NOTHING);
    arguments[1] = Holding.CONTEXT;
    List<Subprogram> subprograms = new ArrayList<>();
    function(
        new FlowWriter.Pending(s.code.newLabel(), arguments, false, 0, FlowWriter.Role.STATIC),
        3 + s.below(14));
    subprograms.add(new Subprogram("main", 0, s.code.size(), false, 0));
    for (int i = 0; i < flow.pending().size(); i++) {
      int start = s.code.size();
      function(flow.pending().get(i), 1 + s.below(6));
      boolean global = flow.pending().get(i).role() == FlowWriter.Role.GLOBAL;
      subprograms.add(new Subprogram("sub" + i, start, s.code.size(), global, 0));
    }
    return new GeneratedProgram(seed, s.code.finish(), subprograms, WorldMaps.ALL);
  }

  private void function(FlowWriter.Pending function, int statements) {
    s.model = new Model();
    s.mayMove = !function.keepsPacket();
    s.out = s.code.newLabel();
    flow.enter(function.depth());
    s.code.place(function.label());
    for (int r = 1; r <= 5; r++) {
      s.set(r, function.arguments()[r]);
    }
    keepContext();
    block(statements);
    end(function.role() == FlowWriter.Role.CALLBACK);
  }

  /** Most functions keep the context where no call spoils it. */
  private void keepContext() {
    for (int r = 1; r <= 5; r++) {
      if (s.get(r).is(Kind.CONTEXT) && !s.slips()) {
        s.mov(6, r);
        return;
      }
    }
  }

  private void end(boolean isCallback) {
    int end = s.code.newLabel();
    int number = s.find(Holding::isNumber);
    if (isCallback) {
      s.code.movImm(0, s.slips() ? 2 : s.below(2));
    } else if (number >= 0) {
      s.code.mov(0, number);
    } else {
      s.code.movImm(0, s.below(5));
    }
    if (!s.code.isUsed(s.out)) {
      s.code.exit();
      return;
    }
    if (s.coin()) {
      s.code.exit();
    } else {
      s.code.jump(s.below(4) == 0, end);
    }
    s.code.place(s.out);
    s.code.movImm(0, s.below(isCallback ? 2 : 5));
    s.code.place(end);
    s.code.exit();
  }

  private void block(int statements) {
    nesting++;
    for (int i = 0; i < statements; i++) {
      statement();
    }
    nesting--;
  }

  private void inner() {
    block(1 + s.below(3));
  }

  private void statement() {
    if (hasArena && s.below(3) == 0) {
      arenas.write();
      return;
    }
    switch (s.below(nesting > 3 ? 16 : 20)) {
      case 0, 1, 2 -> numbers.write();
      case 3, 4, 5 -> stack.write();
      case 6, 7, 8 -> packet.write();
      case 9, 10, 11 -> maps.write();
      case 12, 13 -> helpers.write();
      case 14 -> setNumbers();
      case 15 -> boundOrCast();
      case 16 -> flow.branch(this::inner);
      case 17 -> flow.loop(this::inner);
      case 18 -> flow.call();
      default -> record();
    }
  }

  private void record() {
    if (s.coin()) {
      objects.write(this::inner);
    } else if (s.coin()) {
      maps.record(this::inner);
    } else {
      flow.branch(this::inner);
    }
  }

  private void setNumbers() {
    for (int r = 0; r < 6; r++) {
      if (!s.model.isLocked(r) && s.get(r).is(Kind.NOTHING)) {
        s.code.movImm(r, s.below(3) == 0 ? s.random.nextInt() : s.below(64));
        s.set(r, Holding.NUMBER);
      }
    }
  }

  private void boundOrCast() {
    if (s.below(4) == 0) {
      casts.write();
    } else {
      bound();
    }
  }

  private void bound() {
    numbers.bounded(1 << s.below(12));
  }
}
