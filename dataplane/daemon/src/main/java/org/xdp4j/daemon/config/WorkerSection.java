package org.xdp4j.daemon.config;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.StringJoiner;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.plan.WorkerPlan.Idle;
import org.xdp4j.engine.worker.Affinity;

/** {@code [workers]}. */
final class WorkerSection {
  private static final int MAX_WORKERS = 256;
  private static final int MAX_CPU = 8191;

  static final Section SECTION =
      Section.table(
          "workers",
          "The threads that move frames. Of a port with a queue for each, worker 0 owns queue 0,"
              + " worker 1 queue 1, and so on; those of a port with fewer are owned by workers that"
              + " differ from port to port, and its frames are dealt out by flow. A reload may"
              + " change how many there are: a port keeps the queues it was opened with. No frame"
              + " is lost by that, but in that moment frames of a flow may overtake one another; a"
              + " fragment that does so with its datagram's first waits for it behind NAT and"
              + " stateful filters, as all fragments out of order do for up to a second. Only"
              + " `most` cannot change while the daemon runs.");

  private static final Key<Integer> COUNT =
      SECTION.defaulted(
          "count", Values.integer(1, MAX_WORKERS), 1, "How many there are; at best, one a CPU.");
  private static final Key<Integer> MOST =
      SECTION.defaulted(
          "most",
          Values.integer(1, MAX_WORKERS),
          0,
          "as many as there are CPUs, or `count` if that is more",
          "How many there may come to be by a reload: per-CPU maps have a value for each.");
  private static final Key<List<Located<Integer>>> CPUS =
      SECTION.optional(
          "cpus",
          ValueType.listOf(Values.integer(0, MAX_CPU)),
          "bound to none",
          "The CPU each worker is bound to, by the numbers of `/proc/cpuinfo`: one for each.");
  private static final Key<Idle> IDLE =
      SECTION.defaulted(
          "idle",
          Values.oneOf(Idle.class),
          Idle.PARK,
          "`\"park\"`",
          "What a worker does when there is nothing to do: `spin` looks again at once and takes a"
              + " whole CPU, `yield` lets other threads run first, `park` does both for a while and"
              + " then sleeps up to 200 us, `poll` waits in poll(2) until a frame comes.");

  private WorkerSection() {}

  static WorkerPlan read(Table root) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return WorkerPlan.one().withMost(0);
    }
    int count = table.get(COUNT);
    int most = table.get(MOST);
    if (most != 0 && most < count) {
      table.report(MOST, "is less than the " + count + " workers there are to be", "");
      most = count;
    }
    List<Integer> cpus = table.list(CPUS).stream().map(Located::value).toList();
    checkCpus(table);
    Idle idle = table.get(IDLE);
    if (!cpus.isEmpty() && cpus.size() != count) {
      table.report(
          CPUS,
          "names " + cpus.size() + " CPUs for " + count + (count == 1 ? " worker" : " workers"),
          "name one for each");
      return WorkerPlan.of(count).withIdle(idle).withMost(most);
    }
    return new WorkerPlan(count, cpus, idle, most);
  }

  private static void checkCpus(Table table) {
    BitSet allowed = new BitSet();
    Affinity.ofSystem().ifPresent(system -> Arrays.stream(system.allowed()).forEach(allowed::set));
    for (Located<Integer> cpu : table.list(CPUS)) {
      if (!allowed.isEmpty() && !allowed.get(cpu.value())) {
        table
            .problems()
            .add(
                cpu.place(),
                cpu.path(),
                "this process has no CPU " + cpu.value(),
                "it may use " + ranges(allowed));
      }
    }
  }

  /** As taskset(1) writes them: 0-3,8. */
  private static String ranges(BitSet cpus) {
    StringJoiner all = new StringJoiner(",");
    for (int first = cpus.nextSetBit(0); first >= 0; ) {
      int last = cpus.nextClearBit(first) - 1;
      all.add(first == last ? "" + first : first + "-" + last);
      first = cpus.nextSetBit(last + 1);
    }
    return all.toString();
  }
}
