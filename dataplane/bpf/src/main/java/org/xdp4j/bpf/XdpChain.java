package org.xdp4j.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * Several programs that run on each frame one after the other, as libxdp runs them on an interface:
 * by priority, each as long as the one before returned an action the chain goes on after. When the
 * last one returns such an action, too, the chain returns XDP_PASS. All become one program: a
 * dispatcher that counts what each returns, and the programs as its functions.
 */
public final class XdpChain implements AutoCloseable {
  /** As many as libxdp's dispatcher has places for. */
  public static final int MAX_PROGRAMS = 10;

  /** Codes that are counted apart: the actions, and all others together. */
  private static final int CODES = Dispatcher.CODES;

  /**
   * A program of a chain.
   *
   * @param config where it stands
   */
  public record Member(XdpProgram program, RunConfig config) {}

  private final List<Member> members;
  private final BpfMap counts;
  private final XdpProgram program;

  private XdpChain(List<Member> members, BpfMap counts, XdpProgram program) {
    this.members = members;
    this.counts = counts;
    this.program = program;
  }

  /**
   * Makes a chain.
   *
   * @param members in any order; the chain holds the maps that they use
   * @param region the one that all of them were loaded into
   * @param options for how many CPUs, and whether to interpret
   * @throws LoadException when there are none or too many, or the counters cannot be made
   */
  public static XdpChain of(List<Member> members, Region region, LoadOptions options)
      throws LoadException {
    if (members.isEmpty() || members.size() > MAX_PROGRAMS) {
      throw new LoadException(
          "a chain has 1 to %d programs, as libxdp's dispatcher has, not %d"
              .formatted(MAX_PROGRAMS, members.size()));
    }
    List<Member> ordered = members.stream().sorted(ORDER).toList();
    Dispatcher dispatcher = new Dispatcher(ordered.stream().map(Member::config).toList());
    BpfMap counts;
    try {
      counts = MapFactory.create(dispatcher.counts(), region, options.cpus());
    } catch (MapException e) {
      throw new LoadException(e.getMessage(), e);
    }
    XdpProgram whole = null;
    try {
      whole = link(dispatcher, ordered, counts, region, options);
      return new XdpChain(ordered, counts, whole);
    } catch (RuntimeException | Error e) {
      if (whole != null) {
        whole.holding().release();
      }
      counts.release();
      throw e;
    }
  }

  private static XdpProgram link(
      Dispatcher dispatcher,
      List<Member> ordered,
      BpfMap counts,
      Region region,
      LoadOptions options) {
    VerifiedProgram whole = dispatcher.verified(frags(ordered));
    List<BpfMap> maps = new ArrayList<>(List.of(counts));
    TimerQueue timers = null;
    for (int i = 0; i < ordered.size(); i++) {
      XdpProgram member = ordered.get(i).program();
      whole = whole.replacing(Dispatcher.function(i), member.linked());
      maps.addAll(member.linkedMaps());
      timers = TimerQueue.join(timers, member.timers());
    }
    ProgramMaker maker = new ProgramMaker(region, options.interpret(), options.cpus());
    return XdpProgram.linked(whole, maps, maker, timers);
  }

  /** The order of libxdp: by priority, then by name, then the shorter program first. */
  private static final Comparator<Member> ORDER =
      Comparator.comparingLong((Member m) -> m.config().priority())
          .thenComparing(m -> m.program().name())
          .thenComparingInt(m -> m.program().verified().program().instructions().size());

  private static boolean frags(List<Member> members) {
    return members.stream().allMatch(m -> m.program().verified().program().frags());
  }

  /** The whole chain as one program. */
  public XdpProgram program() {
    return program;
  }

  /** Its programs as they run. */
  public List<Member> members() {
    return members;
  }

  /**
   * How often program {@code index} of {@link #members} returned {@code code}, over all CPUs; any
   * code above 4 stands for all that are no action.
   */
  public long verdicts(int index, int code) {
    int slot = index * CODES + Math.min(code, CODES - 1);
    byte[] key =
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(slot).array();
    ByteBuffer values = ByteBuffer.wrap(counts.get(key)).order(ByteOrder.LITTLE_ENDIAN);
    long sum = 0;
    while (values.hasRemaining()) {
      sum += values.getLong();
    }
    return sum;
  }

  /** How many frames program {@code index} of {@link #members} ran on. */
  public long runs(int index) {
    long sum = 0;
    for (int code = 0; code < CODES; code++) {
      sum += verdicts(index, code);
    }
    return sum;
  }

  /** Gives its counters back, and its share in the maps of its programs. */
  @Override
  public void close() {
    program.holding().release();
    counts.release();
  }
}
