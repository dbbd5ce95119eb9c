package org.xdp4j.bpf;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapSpec;

/**
 * How an object is loaded.
 *
 * @param cpus values a key has in per-CPU maps, which is the number of contexts that may run at
 *     once
 * @param interpret run in the checked interpreter instead of compiled code
 * @param asXdp take a program of any section as XDP
 * @param programs the names of the programs to load; empty for every XDP program (every program
 *     with {@code asXdp})
 * @param reused maps that are there already, by the name the object has for them
 * @param settings what is to be otherwise than the object says, by the name of the map
 * @param pins where maps that the object pins by name are found, and put; null for nowhere
 * @param budget what the maps that are made may take together, with others that share it
 * @param target what programs are loaded to extend; null for programs that run by themselves
 * @param sharedArraysLater whether program arrays that are there already stay as they are for now
 */
public record LoadOptions(
    int cpus,
    boolean interpret,
    boolean asXdp,
    Set<String> programs,
    Map<String, BpfMap> reused,
    Map<String, MapSettings> settings,
    PinnedMaps pins,
    MapBudget budget,
    Target target,
    boolean sharedArraysLater) {

  /**
   * What extensions are loaded for.
   *
   * @param program the program that has the function
   * @param function the function; null for the one that the extension's section names
   */
  public record Target(XdpProgram program, String function) {}

  /** Copies. */
  public LoadOptions {
    programs = Set.copyOf(programs);
    reused = Map.copyOf(reused);
    settings = Map.copyOf(settings);
  }

  /** An object that makes all of its maps. */
  public LoadOptions(int cpus, boolean interpret, boolean asXdp, Set<String> programs) {
    this(
        cpus,
        interpret,
        asXdp,
        programs,
        Map.of(),
        Map.of(),
        null,
        MapBudget.unlimited(),
        null,
        false);
  }

  /** One CPU, compiled, every XDP program. */
  public static LoadOptions defaults() {
    return new LoadOptions(1, false, false, Set.of());
  }

  private LoadOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  private LoadOptions with(String name, UnaryOperator<MapSettings> change) {
    return with(
        draft -> {
          draft.settings = new HashMap<>(settings);
          draft.settings.put(name, change.apply(settings.getOrDefault(name, MapSettings.NONE)));
        });
  }

  /**
   * A copy that gives the object {@code map} where it defines {@code name}, in the place of a new
   * one ({@code bpf_map__reuse_fd} of libbpf). What the object says of its type, sizes and flags
   * counts no more; what programs do with it is verified by what the map is. The object keeps it
   * alive, as all that use it do.
   */
  public LoadOptions reuse(String name, BpfMap map) {
    return with(
        draft -> {
          draft.reused = new HashMap<>(reused);
          draft.reused.put(name, map);
        });
  }

  /**
   * A copy that takes the maps over from {@code previous}, by name: for another version of a
   * program that goes on where the first one is, while frames flow. Both may run at once, and each
   * may be closed at any time. As with libbpf's pins, global variables are not taken over: their
   * layout belongs to the program.
   */
  public LoadOptions reuse(LoadedObject previous) {
    LoadOptions options = this;
    for (BpfMap map : previous.maps()) {
      if (map.spec().data() == null && !ObjectMaps.isSection(map.spec())) {
        options = options.reuse(previous.definition(map).name(), map);
      }
    }
    return options;
  }

  /**
   * A copy in which the map {@code name} has {@code entries} at the most, whatever the object says;
   * a ring buffer as many bytes ({@code bpf_map__set_max_entries} of libbpf). Programs are verified
   * with that.
   */
  public LoadOptions withMaxEntries(String name, int entries) {
    return with(name, own -> own.withMaxEntries(entries));
  }

  /**
   * A copy in which the map of maps {@code name} is made for maps as {@code inner} says ({@code
   * bpf_map__set_inner_map_fd}): what an old object leaves to user space.
   */
  public LoadOptions withInnerMap(String name, MapSpec inner) {
    return with(name, own -> own.withInner(inner));
  }

  /**
   * A copy in which the map {@code name} is shared through {@link PinnedMaps} under the name {@code
   * pin}, or, when that is empty, not shared ({@code bpf_map__set_pin_path}). Means something
   * together with {@link #pinnedIn}.
   */
  public LoadOptions withPin(String name, String pin) {
    return with(name, own -> own.withPin(pin));
  }

  /**
   * A copy in which maps of these names are made whether or not a program uses them, to be put into
   * maps of maps ({@code bpf_map__set_autocreate}).
   */
  public LoadOptions making(Collection<String> names) {
    LoadOptions options = this;
    for (String name : names) {
      options = options.with(name, MapSettings::withUnused);
    }
    return options;
  }

  /** A copy in which maps pinned by name (LIBBPF_PIN_BY_NAME) are shared through {@code maps}. */
  public LoadOptions pinnedIn(PinnedMaps maps) {
    return with(draft -> draft.pins = maps);
  }

  /** A copy whose new maps may take what is left of {@code shared}. */
  public LoadOptions within(MapBudget shared) {
    return with(draft -> draft.budget = shared);
  }

  /**
   * A copy that loads the object's {@code freplace/FUNCTION} programs, or the named ones, each to
   * replace the function its section names of {@code program} ({@link LoadedObject#extensions}).
   */
  public LoadOptions extend(XdpProgram program) {
    return extend(program, null);
  }

  /**
   * A copy that loads programs to replace {@code function} of {@code program}, whatever their
   * section says ({@code bpf_program__set_attach_target} of libbpf), XDP programs among them.
   */
  public LoadOptions extend(XdpProgram program, String function) {
    return with(draft -> draft.target = new Target(program, function));
  }

  /**
   * A copy that leaves what the object says of slots of program arrays that are there already to
   * the caller ({@link LoadedObject#sharedSlots}): others may jump through them, who are not to
   * notice before all is well.
   */
  public LoadOptions leaveSharedArrays() {
    return with(draft -> draft.sharedArraysLater = true);
  }

  /** Options while they are put together. */
  private static final class Draft {
    private final LoadOptions from;
    private Map<String, BpfMap> reused;
    private Map<String, MapSettings> settings;
    private PinnedMaps pins;
    private MapBudget budget;
    private Target target;
    private boolean sharedArraysLater;

    Draft(LoadOptions from) {
      this.from = from;
      reused = from.reused;
      settings = from.settings;
      pins = from.pins;
      budget = from.budget;
      target = from.target;
      sharedArraysLater = from.sharedArraysLater;
    }

    LoadOptions options() {
      return new LoadOptions(
          from.cpus,
          from.interpret,
          from.asXdp,
          from.programs,
          reused,
          settings,
          pins,
          budget,
          target,
          sharedArraysLater);
    }
  }
}
