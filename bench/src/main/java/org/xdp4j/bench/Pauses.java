package org.xdp4j.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Why frames were late by more than a millisecond. For each such stretch of time it is asked, in
 * this order: did the JVM stop its threads (for garbage collection or otherwise, as {@code
 * -Xlog:safepoint} says)? Did the sender or the worker wait for a CPU that ran somebody else
 * (/proc/.../schedstat)? Did the hypervisor give the CPU away (steal in /proc/stat)?
 */
final class Pauses implements TimedLoad.PauseListener {
  /** What {@link #log} prints: when, for what and how long all threads stood. */
  private static final Pattern SAFEPOINT =
      Pattern.compile("\\[(\\d+)ns\\] Safepoint \"(\\w+)\".*Total:\\s*(\\d+) ns");

  private static final long NEAR = 2_000_000;
  private static final long STEAL_TICK = 10_000_000;

  /** A cause. */
  enum Cause {
    COLLECTION,
    SAFEPOINT,
    SCHEDULING,
    STEAL,
    UNKNOWN
  }

  private record Pause(long from, long to, long waited, long stolen) {}

  private final Path log;
  private final List<Path> threads;
  private final List<Pause> pauses = new ArrayList<>();
  private long waited;
  private long stolen;

  /**
   * Begins to look.
   *
   * @param log where {@link #option} has the JVM write
   * @param threads that must run for frames to be in time, by their number in the system
   */
  Pauses(Path log, List<Long> threads) {
    this.log = log;
    this.threads = threads.stream().map(id -> Path.of("/proc/self/task/" + id)).toList();
    begin();
  }

  /** The JVM's option that it reads. */
  static String option(Path log) {
    return "-Xlog:safepoint:file=" + log + ":uptimenanos:filecount=0";
  }

  /** Forgets what has been. */
  void begin() {
    pauses.clear();
    waited = waited();
    stolen = stolen();
  }

  @Override
  public void late(long from, long to) {
    long waitedNow = waited();
    long stolenNow = stolen();
    pauses.add(new Pause(from, to, waitedNow - waited, stolenNow - stolen));
    waited = waitedNow;
    stolen = stolenNow;
  }

  private long waited() {
    long sum = 0;
    for (Path thread : threads) {
      sum += Long.parseLong(read(thread.resolve("schedstat")).split(" ")[1]);
    }
    return sum;
  }

  private static long stolen() {
    return Long.parseLong(
            read(Path.of("/proc/stat")).lines().findFirst().orElseThrow().split(" +")[8])
        * STEAL_TICK;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many there were, by cause, in a few words. */
  String text() throws IOException {
    if (pauses.isEmpty()) {
      return "0";
    }
    long uptime = ManagementFactory.getRuntimeMXBean().getUptime() * 1_000_000;
    long start = System.nanoTime() - uptime;
    Map<Cause, Integer> causes = new EnumMap<>(Cause.class);
    List<String> lines = Files.readAllLines(log);
    for (Pause pause : pauses) {
      causes.merge(cause(pause, lines, start), 1, Integer::sum);
    }
    return pauses.size()
        + ": "
        + causes.entrySet().stream()
            .map(each -> each.getKey().name().toLowerCase() + " " + each.getValue())
            .collect(Collectors.joining(", "));
  }

  private static Cause cause(Pause pause, List<String> lines, long start) {
    for (String line : lines) {
      Matcher matcher = SAFEPOINT.matcher(line);
      if (!matcher.find()) {
        continue;
      }
      long end = Long.parseLong(matcher.group(1)) + start;
      long took = Long.parseLong(matcher.group(3));
      boolean overlaps = end - took < pause.to + NEAR && end > pause.from - 2 * NEAR - took;
      if (took > NEAR / 4 && overlaps) {
        boolean collects =
            matcher.group(2).matches(".*(Collect|GC|G1|Mark|Pause|Allocat|ZGen|XMark).*");
        return collects ? Cause.COLLECTION : Cause.SAFEPOINT;
      }
    }
    // Both were counted since the pause before, of which much else may be.
    long half = (pause.to - pause.from) / 2;
    if (pause.waited >= half) {
      return Cause.SCHEDULING;
    }
    return pause.stolen >= half && pause.stolen > 0 ? Cause.STEAL : Cause.UNKNOWN;
  }
}
