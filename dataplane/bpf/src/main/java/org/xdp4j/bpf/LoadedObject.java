package org.xdp4j.bpf;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;

/** An object's programs and maps, living in a region. */
public final class LoadedObject implements AutoCloseable {
  private final BpfObject object;
  private final List<BpfMap> maps;
  private final List<XdpProgram> programs;
  private final TimerQueue timers;

  LoadedObject(BpfObject object, BpfMap[] maps, List<XdpProgram> programs) {
    this.object = object;
    this.maps = Arrays.stream(maps).filter(Objects::nonNull).toList();
    this.programs = programs;
    this.timers = new TimerQueue(this.maps);
    if (timers.isPossible()) {
      programs.forEach(program -> program.drive(timers));
    }
  }

  /**
   * Creates the maps that the chosen programs use, verifies and compiles these programs, and fills
   * program arrays with what the object puts there.
   *
   * @throws LoadException naming the first program or map that cannot be loaded; nothing is left
   *     allocated
   */
  public static LoadedObject load(BpfObject object, Region region, LoadOptions options)
      throws LoadException {
    return new ObjectLoader(object, region, options).load();
  }

  /** The file it came from. */
  public BpfObject object() {
    return object;
  }

  /** Its maps; those no loaded program uses are missing. */
  public List<BpfMap> maps() {
    return maps;
  }

  /** The map of this name. */
  public Optional<BpfMap> map(String name) {
    return maps.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /** The map whose {@link BpfMap#address} this is, as {@code XdpContext.redirectMap} says it. */
  public Optional<BpfMap> mapAt(long address) {
    return maps.stream().filter(m -> m.address() == address).findFirst();
  }

  /** Its loaded programs. */
  public List<XdpProgram> programs() {
    return programs;
  }

  /** The loaded program of this name. */
  public Optional<XdpProgram> program(String name) {
    return programs.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /**
   * Runs the callbacks of all timers that are due by the clock of {@code context}, the earliest
   * first, each at most once and on this thread. Each run of a program and of a batch begins with
   * that; whoever has no frames to run calls it. A callback that faults, which is a bug of ours, is
   * skipped.
   *
   * @return how many ran
   */
  public int runTimers(XdpContext context) {
    return timers.runDue(context);
  }

  /** When {@link #runTimers} has something to do next; {@link MapTimers#NEVER} for never. */
  public long nextTimer() {
    return timers.nextDue();
  }

  /** Gives the maps' memory back. */
  @Override
  public void close() {
    maps.forEach(BpfMap::free);
  }
}
