package org.xdp4j.bpf.helper;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.xdp4j.bpf.isa.Instruction;

/** The table of helper functions that XDP programs may call. */
public final class Helpers {
  /** The number that libbpf, and our linker, leave in a call of a weak function no kernel has. */
  public static final int MISSING_FUNCTION = 2_002_000_000;

  /** What libbpf calls where a CO-RE relocation means nothing in the kernel; dead code may. */
  public static final int MISSING_TARGET = 0xbad2310;

  private static final HelperTable TABLE = declare();
  private static final Map<Integer, HelperSpec> ROWS = TABLE.rows();

  private static final Set<String> SOCKETS =
      ROWS.values().stream()
          .map(HelperSpec::socket)
          .filter(struct -> !struct.isEmpty())
          .collect(Collectors.toUnmodifiableSet());

  private Helpers() {}

  private static HelperTable declare() {
    HelperTable table = new HelperTable();
    MapHelpers.declare(table);
    CallbackHelpers.declare(table);
    TimerHelpers.declare(table);
    PerCpuHelpers.declare(table);
    KptrHelpers.declare(table);
    QueueHelpers.declare(table);
    TimeHelpers.declare(table);
    SystemHelpers.declare(table);
    PacketHelpers.declare(table);
    RedirectHelpers.declare(table);
    ChecksumHelpers.declare(table);
    EventHelpers.declare(table);
    RingBufferHelpers.declare(table);
    DynptrHelpers.declare(table);
    SpinLockHelpers.declare(table);
    UserRingBufferHelpers.declare(table);
    TextHelpers.declare(table);
    NumberHelpers.declare(table);
    TaskHelpers.declare(table);
    ProbeHelpers.declare(table);
    PerfCounterHelpers.declare(table);
    SocketHelpers.declare(table);
    RouteHelpers.declare(table);
    SynCookieHelpers.declare(table);
    RefusedHelpers.declare(table);
    return table;
  }

  /**
   * Whether {@code instruction} calls what may move the packet, by number or as a kernel function.
   * A tail call counts: the other program may do anything to it.
   */
  public static boolean movesPacket(Instruction instruction) {
    if (!instruction.isHelperCall()) {
      return Kfuncs.calledBy(instruction).filter(f -> f.call().movesPacket()).isPresent();
    }
    return instruction.imm() == HelperSpec.TAIL_CALL
        || byId(instruction.imm()).map(HelperSpec::movesPacket).orElse(false);
  }

  /** The row of {@code enum bpf_func_id} {@code id}; empty when it is not supported. */
  public static Optional<HelperSpec> byId(int id) {
    return Optional.ofNullable(ROWS.get(id));
  }

  /** Whether a helper gives a socket as the kernel's struct of this name. */
  public static boolean isSocket(String struct) {
    return SOCKETS.contains(struct);
  }

  /** Every row, by ascending id. */
  public static Collection<HelperSpec> all() {
    return List.copyOf(ROWS.values());
  }

  /** Those Linux offers XDP programs and that are refused here, by ascending id. */
  public static Collection<RefusedHelper> refused() {
    return List.copyOf(TABLE.refused().values());
  }

  /** One more than the greatest number of any helper, whatever programs may call it. */
  public static int count() {
    return HelperNames.count();
  }

  /** Why no program here may call helper {@code id}, as a sentence without its full stop. */
  public static String refusal(int id) {
    if (id == MISSING_FUNCTION) {
      return "the function called is a kernel function (kfunc), declared weak, that does not exist"
          + " here";
    }
    if (id == MISSING_TARGET) {
      return "a CO-RE relocation stands here, of a type, field or enumerator that the types it is"
          + " resolved against do not have, or have in another size; ask with"
          + " bpf_core_field_exists() or its like before";
    }
    RefusedHelper refused = TABLE.refused().get(id);
    if (refused != null) {
      return refused.name() + " (helper " + id + ") " + refused.reason();
    }
    return id > 0 && id < HelperNames.count()
        ? "there is no helper " + id + " for XDP programs: " + HelperNames.of(id) + " is for others"
        : "there is no helper " + id;
  }
}
