package org.xdp4j.bpf.helper;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table of helper functions that XDP programs may call. */
public final class Helpers {
  private static final Map<Integer, HelperSpec> ROWS = declare();

  private Helpers() {}

  private static Map<Integer, HelperSpec> declare() {
    HelperTable table = new HelperTable();
    MapHelpers.declare(table);
    PerCpuHelpers.declare(table);
    QueueHelpers.declare(table);
    TimeHelpers.declare(table);
    SystemHelpers.declare(table);
    PacketHelpers.declare(table);
    RedirectHelpers.declare(table);
    ChecksumHelpers.declare(table);
    EventHelpers.declare(table);
    RingBufferHelpers.declare(table);
    TextHelpers.declare(table);
    return table.rows();
  }

  /** The row of {@code enum bpf_func_id} {@code id}; empty when it is not supported. */
  public static Optional<HelperSpec> byId(int id) {
    return Optional.ofNullable(ROWS.get(id));
  }

  /** Every row, by ascending id. */
  public static Collection<HelperSpec> all() {
    return List.copyOf(ROWS.values());
  }
}
