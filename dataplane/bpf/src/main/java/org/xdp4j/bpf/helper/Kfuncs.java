package org.xdp4j.bpf.helper;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** The table of kernel functions (kfuncs) that XDP programs may call. */
public final class Kfuncs {
  private static final KfuncTable TABLE = declare();
  private static final Map<String, KfuncSpec> ROWS = TABLE.rows();
  private static final List<KfuncSpec> BY_NUMBER = List.copyOf(ROWS.values());

  private Kfuncs() {}

  private static KfuncTable declare() {
    KfuncTable table = new KfuncTable();
    IteratorKfuncs.declare(table);
    BitsIteratorKfuncs.declare(table);
    DynptrKfuncs.declare(table);
    SectionKfuncs.declare(table);
    ResilientLockKfuncs.declare(table);
    ObjectKfuncs.declare(table);
    PacketKfuncs.declare(table);
    ListKfuncs.declare(table);
    TreeKfuncs.declare(table);
    ExceptionKfuncs.declare(table);
    StringKfuncs.declare(table);
    MetadataKfuncs.declare(table);
    MapKfuncs.declare(table);
    WorkQueueKfuncs.declare(table);
    ArenaKfuncs.declare(table);
    StreamKfuncs.declare(table);
    ProbeKfuncs.declare(table);
    ConntrackKfuncs.declare(table);
    KernelObjectKfuncs.declare(table);
    CastKfuncs.declare(table);
    RefusedKfuncs.declare(table);
    return table;
  }

  /** The row that calls of this {@code number} name; empty when there is none. */
  public static Optional<KfuncSpec> byNumber(int number) {
    return number >= 1 && number <= BY_NUMBER.size()
        ? Optional.of(BY_NUMBER.get(number - 1))
        : Optional.empty();
  }

  /** The row of this name; empty when it is not supported. */
  public static Optional<KfuncSpec> byName(String name) {
    return Optional.ofNullable(ROWS.get(name));
  }

  /** Why no program here may call the function of this name, as the end of a sentence, or null. */
  public static String refusal(String name) {
    return TABLE.refused().get(name);
  }

  /** Those Linux offers XDP programs and that are refused here, with the reasons, by name. */
  public static Map<String, String> refused() {
    return Collections.unmodifiableMap(TABLE.refused());
  }

  /** The row of the function that {@code call} calls; empty when it calls none of the table. */
  public static Optional<KfuncSpec> calledBy(Instruction call) {
    return call.isCall() && call.src() == Opcode.PSEUDO_KFUNC_CALL
        ? byNumber(call.imm())
        : Optional.empty();
  }

  /** Every row, by number. */
  public static Collection<KfuncSpec> all() {
    return BY_NUMBER;
  }
}
