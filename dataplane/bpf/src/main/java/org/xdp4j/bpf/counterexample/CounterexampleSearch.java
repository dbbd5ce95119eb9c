package org.xdp4j.bpf.counterexample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.Refusal;

/**
 * Looks for an input on which a refused program faults at the refused instruction: first along the
 * path of the refusal, then with the bytes that conditions depend on changed at random. The order
 * of trials is always the same; only where it ends depends on time.
 */
public final class CounterexampleSearch {
  /** Trials of inputs that follow from others, and of inputs changed at random. */
  private static final int MOST_SOLVED = 1_500;

  private static final int MOST_MUTATED = 3_000;

  /** Trials that are made however long they take, so that what is easy is found on any machine. */
  private static final int LEAST = 150;

  /** Inputs waiting at the most. */
  private static final int MOST_WAITING = 20_000;

  /** The least a frame has (ETH_HLEN); shorter ones are tried when no other will do. */
  private static final int HEADER = 14;

  private static final long SEED = 0x5eed;

  private final BpfProgram program;
  private final List<MapSpec> maps;
  private final Refusal refusal;
  private final long nanos;
  private final Random random = new Random(SEED);
  private final Set<Input> tried = new HashSet<>();
  private final PriorityQueue<Waiting> waiting =
      new PriorityQueue<>(
          Comparator.comparingInt(Waiting::score).reversed().thenComparingInt(Waiting::order));
  private final List<Long> constants = new ArrayList<>();
  private int shortest = HEADER;
  private int order;
  private long deadline;
  private Waiting best;

  /** An input and how far along the path the one it was made from got. */
  private record Waiting(Input input, int score, int order) {}

  private CounterexampleSearch(
      BpfProgram program, List<MapSpec> maps, Refusal refusal, long nanos) {
    this.program = program;
    this.maps = maps;
    this.refusal = refusal;
    this.nanos = nanos;
    for (Instruction i : program.instructions()) {
      if (i.isConditionalJump() && !i.usesSource()) {
        constants.add((long) i.imm());
      }
    }
  }

  /**
   * Searches for as long as {@code millis}.
   *
   * @param maps the definitions the program's instructions index
   * @return empty when nothing was found, and when the program cannot even be run
   */
  public static Optional<Counterexample> find(
      BpfProgram program, List<MapSpec> maps, Refusal refusal, int millis) {
    if (refusal.instruction() < 0 || !refusal.cause().isAccess()) {
      return Optional.empty();
    }
    try {
      return new CounterexampleSearch(program, maps, refusal, millis * 1_000_000L).search();
    } catch (MapException | RuntimeException cannotRun) {
      return Optional.empty();
    }
  }

  private Optional<Counterexample> search() throws MapException {
    try (Machine machine = new Machine(program, maps)) {
      begin(HEADER);
      attempt(machine, new Waiting(new Input(HEADER), 0, 0)); // the first one loads classes
      for (int least : new int[] {HEADER, 0}) {
        begin(least);
        Optional<Counterexample> found = drain(machine, MOST_SOLVED, false);
        if (found.isPresent()) {
          return found;
        }
      }
      begin(HEADER);
      return drain(machine, MOST_MUTATED, true);
    }
  }

  private void begin(int least) {
    shortest = least;
    waiting.clear();
    tried.clear();
    deadline = System.nanoTime() + nanos / 3;
    best = null;
    for (int length : new int[] {least, 34, 64, 128, 1500}) {
      offer(new Input(length), 0);
    }
  }

  private void offer(Input input, int score) {
    if (input.length >= shortest && waiting.size() < MOST_WAITING && tried.add(input)) {
      waiting.add(new Waiting(input, score, order++));
    }
  }

  private Optional<Counterexample> drain(Machine machine, int most, boolean mutate)
      throws MapException {
    for (int done = 0; done < most && (done < LEAST || System.nanoTime() < deadline); done++) {
      Waiting next = waiting.poll();
      if (next == null && mutate) {
        next = mutated();
      }
      if (next == null) {
        break;
      }
      Optional<Counterexample> found = attempt(machine, next);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Counterexample> attempt(Machine machine, Waiting next) throws MapException {
    machine.prepare(next.input);
    Tracer tracer =
        new Tracer(
            program.instructions(), machine.context(), machine.maps(), refusal.instruction());
    FaultException fault = machine.run(tracer);
    if (fault != null && fault.instruction() == refusal.instruction()) {
      Optional<Counterexample> confirmed = confirmed(next.input);
      if (confirmed.isPresent()) {
        return confirmed;
      }
    }
    expand(next.input, tracer);
    return Optional.empty();
  }

  /** The same once more, on maps that no other run touched. */
  private Optional<Counterexample> confirmed(Input input) throws MapException {
    try (Machine fresh = new Machine(program, maps)) {
      fresh.prepare(input);
      Access access =
          new Access(
              program.instructions(),
              fresh.context(),
              refusal.instruction(),
              refusal.cause().isAboutPacket());
      FaultException fault = fresh.run(access);
      if (fault == null || fault.instruction() != refusal.instruction()) {
        return Optional.empty();
      }
      List<Counterexample.Entry> entries = new ArrayList<>();
      for (Map.Entry<Input.Place, byte[]> e : input.entries.entrySet()) {
        entries.add(
            new Counterexample.Entry(
                maps.get(e.getKey().map()).name(), e.getKey().key().array(), e.getValue()));
      }
      return Optional.of(
          new Counterexample(
              Arrays.copyOf(input.bytes, input.length),
              input.ingressIfindex,
              input.rxQueueIndex,
              List.copyOf(entries),
              refusal.instruction(),
              access.words(fault)));
    }
  }

  /** Offers inputs that may come further than this one. */
  private void expand(Input input, Tracer tracer) {
    List<Decision> decisions = tracer.decisions();
    List<Integer> path = refusal.decisions();
    int same = 0;
    while (same < decisions.size()
        && same < path.size()
        && decisions.get(same).code() == path.get(same)) {
      same++;
    }
    if (best == null || same > best.score) {
      best = new Waiting(input, same, order++);
    }
    if (tracer.reached()) {
      drive(input, tracer, same + 1);
    } else {
      for (int more : new int[] {1, 14, 64, 512}) {
        offer(input.withLength(input.length + more), same);
      }
    }
    if (same < decisions.size()) {
      boolean astray = same >= path.size();
      boolean sameJump = !astray && decisions.get(same).index() == path.get(same) >> 1;
      if (sameJump) {
        flip(input, decisions.get(same), same + 1);
      }
      // What came before may have to differ, too: a value both depend on, a longer frame.
      for (int i = Math.max(0, same - 3); i < same; i++) {
        flip(input, decisions.get(i), same / 2);
      }
    }
  }

  private void flip(Input input, Decision decision, int score) {
    for (Input flipped : decision.flipped(input)) {
      offer(flipped, score);
      for (int more : new int[] {16, 64}) {
        offer(flipped.withLength(flipped.length + more), score - 1);
      }
    }
  }

  /** The instruction was reached without a fault: moves the end, or the access, over it. */
  private void drive(Input input, Tracer tracer, int score) {
    Instruction i = program.instructions().get(refusal.instruction());
    if (i.isCall()) {
      for (int length = input.length - 1;
          length >= Math.max(shortest, input.length - 64);
          length--) {
        offer(input.withLength(length), score);
      }
      return;
    }
    int size = i.accessSize();
    long address = tracer.refusedAddress() + i.offset();
    long needed = address + size - tracer.data();
    for (long length : new long[] {needed - 1, needed - size, input.length - 1, shortest}) {
      if (length >= shortest && length <= Input.MOST_BYTES) {
        offer(input.withLength(length), score);
      }
    }
    Node base = tracer.refusedBase();
    if (base == null) {
      return;
    }
    long end = tracer.data() + input.length - i.offset();
    for (long target :
        new long[] {0, end, end - size + 1, end + 1, end + 16, end + 64, end + 200, end + 900}) {
      Input copy = input.copy();
      if (new Solver(copy).solve(base, target)) {
        offer(copy, score);
      }
    }
    for (Node leaf : Node.leaves(base)) {
      for (long constant : constants) {
        for (long value = constant - 1; value <= constant + 1; value++) {
          Input copy = input.copy();
          if (new Solver(copy).solve(leaf, value)) {
            offer(copy, score);
          }
        }
      }
    }
    for (int by : new int[] {4, 8, 16, 32, 40, 60, 64, 120, 255, 512, 1020, -4, -64}) {
      Input copy = input.copy();
      if (new Solver(copy).solve(base, tracer.refusedAddress() + by)) {
        offer(copy, score);
      }
    }
  }

  /** The input that came furthest, with a few bytes changed. */
  private Waiting mutated() {
    if (best == null) {
      return null;
    }
    for (int attempt = 0; attempt < 100; attempt++) {
      Input input = best.input.copy();
      int changes = 1 + random.nextInt(4);
      for (int c = 0; c < changes; c++) {
        mutate(input);
      }
      if (input.length >= shortest && tried.add(input)) {
        return new Waiting(input, best.score, order++);
      }
    }
    return null;
  }

  private void mutate(Input input) {
    switch (random.nextInt(6)) {
      case 0 -> input.length = random.nextInt(shortest, 200);
      case 1 -> input.rxQueueIndex = random.nextInt(300);
      case 2 -> input.ingressIfindex = random.nextInt(300);
      case 3 -> {
        if (!constants.isEmpty()) {
          int size = 1 << random.nextInt(3);
          long value = constants.get(random.nextInt(constants.size()));
          input.setBytes(random.nextInt(Math.max(1, input.length)), size, value);
        }
      }
      default -> {
        int place = random.nextInt(Math.max(1, Math.min(input.length, 128)));
        input.setBytes(place, 1, random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
      }
    }
  }
}
