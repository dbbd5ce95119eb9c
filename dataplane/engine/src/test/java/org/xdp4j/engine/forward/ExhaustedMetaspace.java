package org.xdp4j.engine.forward;

import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.ProgramPlan;

/**
 * Loads a chain of programs, with a function replaced and maps pinned, in a process whose memory
 * for classes is full, and again with a little more of it, until there is enough. So each class
 * that is made of a program cannot be made at one time or another. After each load it says what is
 * left.
 *
 * <p>Arguments: the object, the object that replaces a function of it. Prints how many loads failed
 * for want of memory, or what one of them left.
 */
final class ExhaustedMetaspace {
  private static final int WORKERS = 2;
  private static final int STEP = 6;

  /** What memory is filled with. */
  private static final class Nothing {}

  private final Region region = Region.reserve(64 << 20);
  private final MapBudget budget = new MapBudget(32 << 20);
  private final PinnedMaps pins = new PinnedMaps();
  private final ProgramLoader loader = new ProgramLoader(region, WORKERS, pins, budget);
  private final DevicePorts ports = DevicePorts.of(List.of());
  private final List<Class<?>> classes = new ArrayList<>();
  private final ProgramPlan plan;

  private ExhaustedMetaspace(Path object, Path other) {
    plan =
        new ProgramPlan(
                "test",
                object,
                List.of("jump", "look_by_word", "stamped", "line", "to_cpu"),
                List.of(),
                List.of("next=0=jumped", "by_word=1=own1", "cpus=1=64+on_cpu", "queued=1,2,3"),
                List.of("queued"))
            .withReplaced(new ProgramPlan.Replaced("stamped", "stamp", other, null));
  }

  public static void main(String[] arguments) throws Exception {
    ExhaustedMetaspace test = new ExhaustedMetaspace(Path.of(arguments[0]), Path.of(arguments[1]));
    for (int i = 0; i < 5; i++) { // All other classes are there then.
      Throwable failure = test.load();
      if (failure != null) {
        failure.printStackTrace(System.out);
        return;
      }
    }
    System.out.println(test.sweep());
  }

  private String sweep() throws Exception {
    long free = region.free();
    fill();
    int failed = 0;
    while (!classes.isEmpty()) {
      Throwable failure = load();
      if (budget.used() != 0 || region.free() != free || !pins.names().isEmpty()) {
        classes.clear();
        return "load %d left %d bytes counted, %d of the region, pins %s: %s"
            .formatted(failed, budget.used(), free - region.free(), pins.names(), failure);
      }
      if (failure == null) {
        return "failed " + failed;
      }
      if (!(failure instanceof OutOfMemoryError)) {
        return String.valueOf(failure);
      }
      failed++;
      classes.subList(Math.max(0, classes.size() - STEP), classes.size()).clear();
    }
    return "nothing is loaded even into free memory";
  }

  private void fill() throws Exception {
    byte[] bytes;
    try (InputStream in = Nothing.class.getResourceAsStream("ExhaustedMetaspace$Nothing.class")) {
      bytes = in.readAllBytes();
    }
    try {
      while (true) {
        classes.add(MethodHandles.lookup().defineHiddenClass(bytes, false).lookupClass());
      }
    } catch (OutOfMemoryError e) {
      // as it is meant to be
    }
  }

  /** Loads and takes back, as the control does with a plan that is refused. */
  private Throwable load() {
    MapChanges changes = new MapChanges();
    List<MapWrite> writes = new ArrayList<>();
    Attachment made = null;
    Throwable failure = null;
    try {
      made = loader.load(plan, null, ports, changes, writes);
      for (MapWrite write : writes) {
        write.write(changes);
      }
    } catch (ForwarderException | RuntimeException | Error e) {
      failure = e;
    }
    changes.takeBack(failure == null ? new IllegalStateException() : failure);
    if (made != null) {
      made.loaded.discard();
    }
    return failure;
  }
}
