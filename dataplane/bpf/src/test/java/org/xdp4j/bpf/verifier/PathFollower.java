package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.verifier.Exploration.Point;

/**
 * Holds a run against the proof of its program: before every instruction there must be a state that
 * the verifier went through on this path, and all it says of registers and stack must be so. Where
 * a path was ended by a checkpoint, the checkpoint's claims take over, as far as anything behind it
 * rests on them.
 */
final class PathFollower implements StepListener {
  /** The run does not do what the proof says. */
  static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(String message) {
      super(message, null, false, false);
    }
  }

  /** The run takes so long that the rest of it is not looked at. */
  static final class LongRun extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LongRun() {
      super(null, null, false, false);
    }
  }

  private static final int LONGEST = 300;

  /** Jumps to the next instruction leave open which path a run is on, and such paths multiply. */
  private static final int MOST_PLACES = 100;

  /** A call of a function that is proved by itself: where the run goes on behind it. */
  private record Outer(List<Place> places, long[] registers, int root) {}

  /** Where in the proof the run may be. */
  private record Place(Point point, Unclaimed unclaimed) {}

  private final List<Instruction> program;
  private final Exploration exploration;
  private final XdpContext context;
  private final Claims claims;
  private final StepEffects effects;
  private final ClaimLinks links = new ClaimLinks();
  private final long[] registers = new long[Frame.REGISTERS];
  private List<Place> places = new ArrayList<>();
  private final ArrayDeque<Outer> outer = new ArrayDeque<>();
  private int root;
  private long steps;
  private int runSteps;

  PathFollower(
      List<Instruction> program, Exploration exploration, XdpContext context, Claims claims) {
    this.program = program;
    this.exploration = exploration;
    this.context = context;
    this.claims = claims;
    this.effects = new StepEffects(program, context);
  }

  /** A new run begins. */
  void reset() {
    places = new ArrayList<>();
    outer.clear();
    setRoot(0);
    runSteps = 0;
  }

  /** Instructions seen in all runs. */
  long steps() {
    return steps;
  }

  @Override
  public void before(int index, long[] now) {
    steps++;
    if (++runSteps > LONGEST || places.size() > MOST_PLACES) {
      throw new LongRun();
    }
    List<Place> here = new ArrayList<>(1);
    String reason = null;
    int depth = depth(now);
    if (places.isEmpty()) {
      reason = enter(exploration.starts().getFirst(), new Unclaimed(), now, here, reason);
    }
    if (!outer.isEmpty() && depth == root) {
      leave();
    }
    for (Place place : places) {
      reason = follow(place, index, depth, now, here, reason);
    }
    if (here.isEmpty() && reason == null && depth > root + 1) {
      reason = enterGlobal(index, depth, now, here);
    }
    if (here.isEmpty()) {
      throw new Violation("instruction %d: %s".formatted(index, explain(reason, index)));
    }
    places = here;
    System.arraycopy(now, 0, registers, 0, Frame.REGISTERS);
  }

  private String follow(
      Place place, int index, int depth, long[] now, List<Place> here, String before) {
    Unclaimed unclaimed = place.unclaimed;
    String read = effects.readsUnclaimed(place.point, unclaimed, registers);
    if (read != null) {
      return read;
    }
    String reason = before;
    Unclaimed after = unclaimed.copy();
    effects.apply(place.point, after, registers, depth - root);
    for (Point next : place.point.next) {
      if (next.instruction == index && next.state.depth == depth - root) {
        reason = enter(next, after.copy(), now, here, reason);
      } else if (program.get(place.point.instruction).isExit()
          && Callbacks.isCaller(program.get(next.instruction))) {
        reason = callAgain(next, after.copy(), index, depth, now, here, reason);
      }
    }
    return reason;
  }

  /**
   * A callback returned to the helper that called it, which calls it again or returns itself: the
   * proof goes through the helper's call for that, the run does not.
   */
  private String callAgain(
      Point call,
      Unclaimed unclaimed,
      int index,
      int depth,
      long[] now,
      List<Place> here,
      String before) {
    Point at = call;
    while (at.coveredBy != null) {
      at = at.coveredBy;
      cover(at, unclaimed, null);
    }
    effects.apply(at, unclaimed, registers, depth - root);
    String reason = before;
    for (Point next : at.next) {
      if (next.instruction == index && next.state.depth == depth - root) {
        reason = enter(next, unclaimed.copy(), now, here, reason);
      }
    }
    return reason;
  }

  /** The run entered a function that is proved once, by itself. */
  private String enterGlobal(int index, int depth, long[] now, List<Place> here) {
    for (Point start : exploration.starts()) {
      if (start.instruction == index && start != exploration.starts().getFirst()) {
        outer.push(new Outer(places, registers.clone(), root));
        setRoot(depth - 1);
        return enter(start, new Unclaimed(), now, here, null);
      }
    }
    return null;
  }

  /** It returned: the caller's part of the proof goes on. */
  private void leave() {
    Outer caller = outer.pop();
    places = caller.places;
    System.arraycopy(caller.registers, 0, registers, 0, Frame.REGISTERS);
    setRoot(caller.root);
  }

  private void setRoot(int depth) {
    root = depth;
    effects.setRoot(depth);
  }

  private String explain(String reason, int index) {
    if (reason != null) {
      return reason;
    }
    StringBuilder text = new StringBuilder("no path of the proof leads here; it goes on at");
    for (Place place : places) {
      place.point.next.forEach(p -> text.append(' ').append(p.instruction));
    }
    return text.toString();
  }

  private int depth(long[] now) {
    return (int) ((context.stackTop - now[10]) / XdpContext.STACK_SIZE) + 1;
  }

  /** Adds the point if its claims hold; else returns why they do not. */
  private String enter(
      Point point, Unclaimed unclaimed, long[] now, List<Place> here, String reason) {
    String wrong = check(point, unclaimed, now);
    if (wrong != null) {
      return wrong;
    }
    Point at = point;
    while (at.coveredBy != null) {
      at = at.coveredBy;
      cover(at, unclaimed, now);
      wrong = check(at, unclaimed, now);
      if (wrong != null) {
        return "covered by a checkpoint: " + wrong;
      }
    }
    Point reached = at;
    if (here.stream().noneMatch(place -> place.point == reached)) {
      here.add(new Place(at, unclaimed));
    }
    return reason;
  }

  private String check(Point point, Unclaimed unclaimed, long[] now) {
    links.reset();
    VerifierState state = point.state;
    int top = state.depth - 1;
    for (int r = 0; r < Frame.REGISTERS; r++) {
      RegisterState claim = state.frames[top].registers[r];
      if (unclaimed.isClaimed(top, r)) {
        String wrong = claims.check(claim, now[r], root);
        wrong = wrong == null ? links.add(claim, now[r]) : wrong;
        if (wrong != null) {
          return "r" + r + " = " + wrong;
        }
      }
    }
    for (int f = 0; f <= top; f++) {
      Frame frame = state.frames[f];
      for (int slot = 0; slot < frame.slots(); slot++) {
        String wrong = claims.checkSlot(frame, f, slot, unclaimed, root);
        wrong = wrong == null ? checkLink(frame, f, slot, unclaimed) : wrong;
        if (wrong != null) {
          return "frame " + f + ", " + wrong;
        }
      }
    }
    return null;
  }

  private String checkLink(Frame frame, int f, int slot, Unclaimed unclaimed) {
    int offset = -8 * slot - 8;
    RegisterState spilled = frame.spilled(slot);
    if (spilled == null
        || spilled.id() == 0
        || frame.spilledBytes(slot) != 8
        || unclaimed.anyDead(f, offset, 8)
        || unclaimed.anyLoose(f, offset, 8)) {
      return null;
    }
    return links.add(spilled, word(f, offset));
  }

  private long word(int frame, int offset) {
    return context.region.segment().get(Region.LONG, claims.frameTop(root + frame) + offset);
  }

  /** From here on the checkpoint's claims count: marks what they do not say of this run. */
  private void cover(Point at, Unclaimed unclaimed, long[] now) {
    VerifierState kept = at.checkpoint;
    int top = kept.depth - 1;
    for (int f = 0; f <= top; f++) {
      // What outer frames' registers are is only seen once the callee returned.
      long[] values = f == top ? now : null;
      for (int r = 0; r < 10; r++) {
        coverRegister(kept, f, r, unclaimed, values);
      }
      for (int slot = 0; slot < VerifierLimits.STACK / 8; slot++) {
        coverSlot(kept, f, slot, unclaimed);
      }
    }
  }

  private void coverRegister(VerifierState kept, int f, int r, Unclaimed unclaimed, long[] values) {
    RegisterState claim = kept.frames[f].registers[r];
    boolean live = (StateComparison.live(exploration.liveness(), program, kept, f) >>> r & 1) != 0;
    boolean precise = (kept.frames[f].preciseRegisters >>> r & 1) != 0;
    boolean loose =
        claim.isScalar()
            && !precise
            && (values == null || claim.id() != 0 || !claim.range().contains(values[r]));
    unclaimed.setDead(f, r, !live || !claim.isInitialised());
    unclaimed.setLoose(f, r, loose);
  }

  private void coverSlot(VerifierState kept, int f, int slot, Unclaimed unclaimed) {
    int offset = -8 * slot - 8;
    boolean read = (kept.frames[f].readSlots >>> slot & 1) != 0;
    boolean precise = (kept.frames[f].preciseSlots >>> slot & 1) != 0;
    RegisterState spilled = kept.frames[f].spilled(slot);
    unclaimed.setBytes(f, offset, 8, !read, false);
    if (read && spilled != null && spilled.isScalar() && !precise) {
      int held = kept.frames[f].spilledBytes(slot);
      long word = word(f, offset);
      boolean holds = claims.checkSpill(spilled, word, held, root) == null && spilled.id() == 0;
      unclaimed.setBytes(f, offset, held, false, !holds);
    }
  }
}
