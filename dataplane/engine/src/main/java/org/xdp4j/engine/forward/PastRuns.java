package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What programs returned since the forwarder was started: those attached now, and those that were
 * before, so that no sum ever goes back.
 *
 * @param programs the attached ones, one for each of a chain, with runs of their own
 * @param past sums over versions that are gone
 */
public record PastRuns(List<ProgramView> programs, Map<Label, Sum> past) {
  private static final Sum NOTHING = new Sum(noRuns(), 0);

  /**
   * Which programs are versions of one.
   *
   * @param name of the plan's program
   * @param function the program's own name
   */
  public record Label(String name, String function) {}

  /**
   * A sum.
   *
   * @param runs by what they returned, as {@link ProgramView#runs}
   * @param faults runs that ended in a fault of the machine
   */
  public record Sum(List<Long> runs, long faults) {
    private Sum plus(ProgramView program) {
      return new Sum(PastRuns.plus(runs, program.runs()), faults + program.faults());
    }
  }

  private static List<Long> noRuns() {
    return new ArrayList<>(Collections.nCopies(Attachment.CODES, 0L));
  }

  private static List<Long> plus(List<Long> one, List<Long> other) {
    List<Long> sums = new ArrayList<>(one);
    for (int code = 0; code < sums.size(); code++) {
      sums.set(code, sums.get(code) + other.get(code));
    }
    return sums;
  }

  /** With those that go now among the past. */
  static Map<Label, Sum> add(Map<Label, Sum> past, Collection<ProgramView> going) {
    if (going.isEmpty()) {
      return past;
    }
    Map<Label, Sum> sums = new HashMap<>(past);
    for (ProgramView program : going) {
      Label label = new Label(program.name(), program.function());
      sums.put(label, sums.getOrDefault(label, NOTHING).plus(program));
    }
    return Map.copyOf(sums);
  }

  /** What versions before an attached program returned. */
  public Sum before(ProgramView program) {
    return past.getOrDefault(new Label(program.name(), program.function()), NOTHING);
  }

  /** All runs there ever were, by what they returned. */
  public List<Long> total() {
    List<Long> sums = noRuns();
    for (ProgramView program : programs) {
      sums = plus(sums, program.runs());
    }
    for (Sum sum : past.values()) {
      sums = plus(sums, sum.runs());
    }
    return sums;
  }
}
