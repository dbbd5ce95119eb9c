package org.xdp4j.daemon.config;

import java.time.Duration;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.LimitPlan;

/** {@code [limits]}. */
final class LimitSection {
  private static final LimitPlan DEFAULTS = LimitPlan.defaults();

  static final Section SECTION =
      Section.table(
          "limits",
          "What is set aside at the start, and what may grow. `frames` and"
              + " `memory` cannot change while the daemon runs.");

  private static final Key<Integer> FRAMES =
      SECTION.defaulted(
          "frames",
          Values.integer(64, 1 << 22),
          DEFAULTS.frames(),
          "Frames of each worker's pool. When none is left nothing is received until one is back.");
  private static final Key<Integer> RING =
      SECTION.defaulted(
          "ring",
          Values.integer(2, 1 << 20),
          DEFAULTS.ring(),
          "Frames that can wait on the way from one worker to another. While more than half of that"
              + " do, a worker leaves what comes where it comes from, up to 50 ms at once and a"
              + " tenth of all time; more than there is room for then are dropped, and counted.");
  private static final Key<Long> MEMORY =
      SECTION.defaulted(
          "memory",
          Values.size(1L << 20, 1L << 42),
          DEFAULTS.regionBytes(),
          "`\"64 GiB\"`",
          "Address space for frames and maps. Only what is used of it becomes memory.");
  private static final Key<Long> MAP_MEMORY =
      SECTION.optional(
          "map-memory",
          Values.size(0, 1L << 42),
          "as much as there is",
          "What the maps of all programs may take together, their indexes' Java heap included. A"
              + " program whose maps need more is refused. While programs are replaced, maps of"
              + " both versions count, those that both have once, and of two limits the larger.");
  private static final Key<Integer> HOP_LIMIT =
      SECTION.defaulted(
          "hop-limit",
          Values.integer(1, 255),
          DEFAULTS.hopLimit(),
          "TTL and hop limit of packets made here.");
  private static final Key<Integer> ICMP_RATE =
      SECTION.defaulted(
          "icmp-rate",
          Values.integer(1, 10_000_000),
          DEFAULTS.icmpRate(),
          "ICMP errors a second, worker and kind: packets too big, redirects, all others (RFC 1812,"
              + " section 4.3.2.8). No host gets more than half of it, and one redirect a second"
              + " for a destination.");
  private static final Key<Integer> ICMP_BURST =
      SECTION.defaulted(
          "icmp-burst",
          Values.integer(1, 10_000_000),
          DEFAULTS.icmpBurst(),
          "ICMP errors at once.");
  private static final Key<Integer> NEIGHBORS =
      SECTION.defaulted(
          "neighbors",
          Values.integer(4, 1 << 22),
          DEFAULTS.neighbors(),
          "Entries of the neighbour table (ARP and ND), those of `[[neighbor]]` among them.");
  private static final Key<Integer> HELD_PER_NEIGHBOR =
      SECTION.defaulted(
          "held-per-neighbor",
          Values.integer(1, 1 << 16),
          DEFAULTS.heldPerNeighbor(),
          "Packets that wait for one neighbour's hardware address.");
  private static final Key<Integer> HELD =
      SECTION.defaulted(
          "held",
          Values.integer(1, 1 << 20),
          DEFAULTS.held(),
          "Packets that wait for neighbours in all, a worker; fragments that wait for the first of"
              + " their datagram, at most 64, and those to ourselves that wait to be put together,"
              + " at most 128 and half of it, are among them.");

  private static final Key<Long> WARM_UP =
      SECTION.defaulted(
          "warm-up",
          Values.duration(0, 60_000_000_000L),
          DEFAULTS.warmUp().toNanos(),
          "`\"500 ms\"`",
          "How long a program that takes over from another is run before, on trial over copies of"
              + " frames that came in of late, so that the JVM has compiled it by then. Its maps"
              + " see nothing of it.");

  private LimitSection() {}

  static LimitPlan read(Table root) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return DEFAULTS;
    }
    LimitPlan limits =
        new LimitPlan(
            table.get(FRAMES),
            table.get(RING),
            table.get(MEMORY),
            table.get(HOP_LIMIT),
            table.get(ICMP_RATE),
            table.get(ICMP_BURST),
            table.get(NEIGHBORS),
            table.get(HELD_PER_NEIGHBOR),
            table.get(HELD),
            Duration.ofNanos(table.get(WARM_UP)),
            table.find(MAP_MEMORY).map(Located::value).orElse(DEFAULTS.mapBytes()));
    if (limits.held() >= limits.frames()) {
      table.report(
          HELD,
          "as many as "
              + limits.held()
              + " packets could wait, which is all of a worker's "
              + limits.frames()
              + " frames",
          "have more frames, or let fewer wait");
    }
    return limits;
  }
}
