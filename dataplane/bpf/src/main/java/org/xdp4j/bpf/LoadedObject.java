package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;

/** An object's programs and maps, living in a region. */
public final class LoadedObject implements AutoCloseable {
  private final BpfObject object;
  private final List<BpfMap> byIndex;
  private final List<BpfMap> maps;
  private final List<XdpProgram> programs;
  private final List<XdpExtension> extensions;
  private final TimerQueue timers;
  private final ObjectMaps owned;
  private final List<SharedSlot> sharedSlots;
  private boolean closed;
  private final ArrayList<XdpChain> chains = new ArrayList<>();
  private final List<LoadedObject> adopted = new ArrayList<>();

  /** What counts the faults of timers that no run drives; null when no program has any. */
  private final XdpProgram driver;

  LoadedObject(
      BpfObject object,
      ObjectMaps owned,
      List<XdpProgram> programs,
      List<XdpExtension> extensions,
      List<SharedSlot> sharedSlots) {
    this.object = object;
    this.owned = owned;
    this.byIndex = owned.maps();
    this.sharedSlots = List.copyOf(sharedSlots);
    this.maps = byIndex.stream().filter(Objects::nonNull).distinct().toList();
    this.programs = programs;
    this.extensions = extensions;
    this.timers = TimerQueue.of(this.maps);
    this.driver =
        Stream.concat(programs.stream(), extensions.stream().map(XdpExtension::target))
            .findFirst()
            .orElse(null);
    if (timers.isPossible()) {
      programs.forEach(program -> program.drive(timers));
      extensions.forEach(extension -> extension.drive(timers));
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

  /**
   * What {@link #load} would say of an object that cannot be loaded for {@code program}, whatever
   * that does: of its maps, used or not, and of what the object puts into them; null when there is
   * nothing. Makes nothing.
   *
   * @param program one of the object, as an XDP program or one that replaces a function
   * @param options what they say of sections and maps; which programs they name is no matter
   */
  public static String objection(BpfObject object, BpfProgram program, LoadOptions options) {
    return new ObjectLoader(object, null, options).objection(program);
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
    for (int i = 0; i < byIndex.size(); i++) {
      if (byIndex.get(i) != null && object.maps().get(i).name().equals(name)) {
        return Optional.of(byIndex.get(i));
      }
    }
    return Optional.empty();
  }

  /** Whether a map was there before it: another object or a pin has it. */
  public boolean isShared(BpfMap map) {
    int index = byIndex.indexOf(map);
    return index >= 0 && owned.isShared(index);
  }

  /** What is left to put into program arrays; see {@link LoadOptions#leaveSharedArrays}. */
  public List<SharedSlot> sharedSlots() {
    return sharedSlots;
  }

  /**
   * What this object says of a map it uses, its types by the ids of {@link BpfObject#btf}: where it
   * took the map over, {@link BpfMap#spec} is what the object said that made it.
   *
   * @throws IllegalArgumentException when it does not use the map
   */
  public MapSpec definition(BpfMap map) {
    int index = byIndex.indexOf(map);
    if (index < 0) {
      throw new IllegalArgumentException(object.file() + " does not use map " + map.name());
    }
    return object.maps().get(index);
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
   * Makes a chain of its programs, to be closed with it; see {@link XdpChain#of}.
   *
   * @throws LoadException as there
   */
  public XdpChain chain(List<XdpChain.Member> members, Region region, LoadOptions options)
      throws LoadException {
    chains.ensureCapacity(chains.size() + 1); // so that no chain is made that nobody closes
    XdpChain chain = XdpChain.of(members, region, options);
    chains.add(chain);
    return chain;
  }

  /** Takes an object whose programs replace functions of its own: it is closed together with it. */
  public void adopt(LoadedObject other) {
    adopted.add(other);
  }

  /** What {@link #adopt} was called with. */
  public List<LoadedObject> adopted() {
    return adopted;
  }

  /** Its programs that were loaded to replace functions of another one. */
  public List<XdpExtension> extensions() {
    return extensions;
  }

  /** The extension of this name. */
  public Optional<XdpExtension> extension(String name) {
    return extensions.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  /**
   * Runs the callbacks of all timers that are due by the clock of {@code context}, the earliest
   * first and on this thread. Each run of a program begins with that, in a batch too; whoever has
   * no frames to run calls it.
   *
   * <p>By the machine's clock each runs at most once a call. By a capture's time ({@link
   * XdpContext#frameTime}) a callback finds the time at which its timer was due, and a timer that
   * it starts again runs again, until none is due by the frame's time: as often as it would have in
   * the time between two frames, up to a million callbacks in a row, after which each of those that
   * are late runs once more.
   *
   * <p>A callback that faults, which is a bug of ours, is counted among the faults of the object's
   * first program, or of the one that it extends.
   *
   * @return how many ran
   */
  public int runTimers(XdpContext context) {
    if (driver == null || !timers.isPossible()) {
      return 0;
    }
    boolean entered = context.enterRun(); // A callback looks into maps as a run does.
    try {
      return timers.runDue(context, driver);
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
  }

  /** Whether its maps may have timers or work in their values. */
  public boolean hasTimers() {
    return driver != null && timers.isPossible();
  }

  /** When {@link #runTimers} has something to do next; {@link MapTimers#NEVER} for never. */
  public long nextTimer() {
    return timers.nextDue();
  }

  /**
   * Bytes that go back to the budget of their maps when these are closed: of maps that nobody else
   * holds, neither users nor programs that stand in maps that stay.
   *
   * @param replaced programs of which a map's entry each is another's then
   * @param inner maps of which a map of maps' entry each is another's then
   */
  public static long freedBy(
      Collection<LoadedObject> leaving, Collection<MapProgram> replaced, Collection<BpfMap> inner) {
    Departure departure = new Departure();
    departure.replace(replaced, inner);
    List<LoadedObject> all =
        leaving.stream()
            .flatMap(each -> Stream.concat(Stream.of(each), each.adopted.stream()))
            .toList();
    all.forEach(each -> departure.close(each.holders(), each.byIndex));
    departure.detach(all.stream().flatMap(each -> each.extensions.stream()).toList());
    return departure.bytes();
  }

  /** What holds its maps: programs, and those made of several of them. */
  private List<XdpProgram> holders() {
    return Stream.concat(programs.stream(), chains.stream().map(XdpChain::program)).toList();
  }

  /**
   * Detaches its extensions and gives up its programs and maps, when nothing runs any more that was
   * started by it. A program that stands in a map of others goes on there, as in Linux, until
   * another takes its place or the map goes, and the maps it uses stay with it; so do maps that
   * others hold. All other memory goes back.
   */
  @Override
  public void close() {
    if (giveUpPrograms()) {
      // What others replaced in its programs first: these take their own maps up again then.
      adopted.forEach(LoadedObject::close);
      owned.release();
    }
  }

  /** Closes it as if it had never been loaded: maps that were pinned for it are pinned no more. */
  public void discard() {
    if (giveUpPrograms()) {
      adopted.forEach(LoadedObject::discard);
      owned.discard();
    }
  }

  /** False when it was closed before. */
  private synchronized boolean giveUpPrograms() {
    boolean first = !closed;
    closed = true;
    if (first) {
      chains.forEach(XdpChain::close);
      extensions.forEach(XdpExtension::close);
      programs.forEach(program -> program.holding().release());
    }
    return first;
  }
}
