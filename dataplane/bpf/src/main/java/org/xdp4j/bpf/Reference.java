package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.RefusedHelper;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapType;

/**
 * What programs find here: every helper Linux offers XDP, every type of map it knows, and the
 * kernel functions that are there, each with its state, out of the tables that verifier and maps
 * themselves use.
 */
public final class Reference {
  private Reference() {}

  /** Whether something is there. */
  public enum State {
    /** It does what Linux does. */
    BUILT,
    /** It answers what Linux answers where the kernel's object it asks for is not there. */
    ANSWERED,
    /** A program or object that needs it is refused. */
    REFUSED
  }

  /**
   * One of them.
   *
   * @param group {@code helper}, {@code map} or {@code kfunc}
   * @param number in linux/bpf.h; 0 for a kernel function, which is linked by name
   * @param name as there; that of a map type without {@code BPF_MAP_TYPE_}
   * @param signature what it takes and gives back; empty for a map type and what is refused
   * @param state whether it is there
   * @param remark what it answers, why it is refused, whose it is; may be empty
   */
  public record Row(
      String group, int number, String name, String signature, State state, String remark) {}

  /** Every row: helpers by number, map types by number, kernel functions by name. */
  public static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    Helpers.all().forEach(helper -> rows.add(row(helper)));
    Helpers.refused().forEach(refused -> rows.add(row(refused)));
    rows.sort(Comparator.comparingInt(Row::number));
    for (MapType type : MapType.values()) {
      String reason = MapFactory.refusal(type);
      State state = reason.isEmpty() ? State.BUILT : State.REFUSED;
      rows.add(new Row("map", type.id(), type.name(), "", state, reason));
    }
    List<Row> functions = new ArrayList<>();
    Kfuncs.all().forEach(function -> functions.add(row(function)));
    Kfuncs.refused()
        .forEach(
            (name, reason) -> functions.add(new Row("kfunc", 0, name, "", State.REFUSED, reason)));
    functions.sort(Comparator.comparing(Row::name));
    rows.addAll(functions);
    return rows;
  }

  private static Row row(HelperSpec helper) {
    boolean whole = helper.answer().isEmpty();
    String licence = helper.gplOnly() ? "GPL only" : "";
    String remark = whole ? licence : helper.answer() + (helper.gplOnly() ? "; GPL only" : "");
    return new Row(
        "helper",
        helper.id(),
        helper.name(),
        helper.signature(),
        whole ? State.BUILT : State.ANSWERED,
        remark);
  }

  private static Row row(KfuncSpec function) {
    HelperSpec call = function.call();
    State state = call.answer().isEmpty() ? State.BUILT : State.ANSWERED;
    return new Row("kfunc", 0, call.name(), call.signature(), state, call.answer());
  }

  private static Row row(RefusedHelper helper) {
    return new Row("helper", helper.id(), helper.name(), "", State.REFUSED, helper.reason());
  }
}
