package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * Where a program stands in a chain of programs, as libxdp has it: the lowest priority runs first,
 * and the next one runs when what the program returned is among its chain-call actions. Programs
 * say so by a type:
 *
 * <pre>{@code
 * struct {
 *   __uint(priority, 10);
 *   __uint(XDP_PASS, 1);   // go on after XDP_PASS, which is so unless it is switched off by 0
 *   __uint(XDP_TX, 1);     // and after XDP_TX
 * } XDP_RUN_CONFIG(program);
 * }</pre>
 *
 * @param priority the lower, the earlier
 * @param chainCallActions a bit for each return code that the chain goes on after, the code's own
 *     number; the highest two are never set
 */
public record RunConfig(long priority, int chainCallActions) {
  /** What holds for a program that says nothing (xdp/xdp_helpers.h). */
  public static final RunConfig DEFAULT = new RunConfig(50, 1 << 2);

  /** The actions by their numbers. */
  private static final List<String> ACTIONS =
      List.of("XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT");

  private static final String SECTION = ".xdp_run_config";
  private static final int LAST_ACTION = 30;

  /** Checks. */
  public RunConfig {
    if (priority < 0 || priority > 0xffffffffL) {
      throw new IllegalArgumentException("a priority is 0 to 4294967295, not " + priority);
    }
    chainCallActions &= (1 << LAST_ACTION) - 1;
  }

  /**
   * What {@code program} says of itself in its object.
   *
   * @throws ObjectException when it says what libxdp does not understand
   */
  public static RunConfig of(BpfObject object, String program) throws ObjectException {
    Btf btf = object.btf();
    if (btf.find(BtfType.Datasec.class, SECTION) == 0) {
      return DEFAULT;
    }
    BtfType.Datasec section = (BtfType.Datasec) btf.type(btf.find(BtfType.Datasec.class, SECTION));
    for (BtfType.Secinfo info : section.variables()) {
      if (btf.type(info.type()) instanceof BtfType.Var variable
          && variable.name().equals("_" + program)) {
        return read(object, program, variable);
      }
    }
    return DEFAULT;
  }

  private static RunConfig read(BpfObject object, String program, BtfType.Var variable)
      throws ObjectException {
    RunConfig config = DEFAULT;
    if (!(object.btf().resolve(variable.type()) instanceof BtfType.Struct struct)) {
      throw wrong(object, program, "is no struct");
    }
    for (BtfType.Member member : struct.members()) {
      long value = number(object, program, member);
      if (member.name().equals("priority")) {
        config = new RunConfig(value, config.chainCallActions);
      } else if (ACTIONS.contains(member.name())) {
        config = config.with(ACTIONS.indexOf(member.name()), value != 0);
      } else {
        throw wrong(object, program, "has the unknown field " + member.name());
      }
    }
    return config;
  }

  /** A number is the count of elements of an array that the field points at. */
  private static long number(BpfObject object, String program, BtfType.Member member)
      throws ObjectException {
    if (object.btf().resolve(member.type()) instanceof BtfType.Ptr pointer
        && object.btf().resolve(pointer.type()) instanceof BtfType.Array array) {
      return array.count();
    }
    throw wrong(object, program, "has field %s, which is no number".formatted(member.name()));
  }

  private static ObjectException wrong(BpfObject object, String program, String what) {
    return new ObjectException(
        "%s: the run configuration of program %s (XDP_RUN_CONFIG) %s"
            .formatted(object.file(), program, what));
  }

  /** The same with one more, or one less, action to go on after. */
  public RunConfig with(int action, boolean goesOn) {
    int bit = 1 << action;
    return new RunConfig(priority, goesOn ? chainCallActions | bit : chainCallActions & ~bit);
  }

  /**
   * What people write: a priority, or the actions to go on after and no others, or both: {@code
   * 10}, {@code XDP_PASS,XDP_TX}, {@code 10,XDP_PASS}.
   *
   * @throws IllegalArgumentException with one sentence
   */
  public RunConfig override(String text) {
    long newPriority = priority;
    int actions = 0;
    boolean actionsGiven = false;
    for (String part : text.split(",", -1)) {
      String word = part.strip();
      if (word.matches("[0-9]{1,10}")) {
        newPriority = Long.parseLong(word);
      } else if (ACTIONS.contains(word)) {
        actions |= 1 << ACTIONS.indexOf(word);
        actionsGiven = true;
      } else if (word.equals("none")) {
        actionsGiven = true;
      } else {
        throw new IllegalArgumentException(
            "'%s' is neither a priority nor one of %s, none"
                .formatted(word, String.join(", ", ACTIONS)));
      }
    }
    return new RunConfig(newPriority, actionsGiven ? actions : chainCallActions);
  }

  /** Whether the chain goes on after a program that returned {@code code}, whatever that is. */
  public boolean goesOnAfter(int code) {
    return (chainCallActions >>> code & 1) != 0; // of a shift five bits count, as in the dispatcher
  }

  /** The names of the actions to go on after. */
  public List<String> actions() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < ACTIONS.size(); i++) {
      if ((chainCallActions & 1 << i) != 0) {
        names.add(ACTIONS.get(i));
      }
    }
    return names;
  }
}
