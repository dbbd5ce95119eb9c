package org.xdp4j.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;

/** The maps of an object that is being loaded: those that are there already, and new ones. */
final class ObjectMaps {
  private final BpfObject object;
  private final Region region;
  private final LoadOptions options;
  private final List<MapSpec> specs;
  private final BpfMap[] maps;
  private final boolean[] taken;

  ObjectMaps(BpfObject object, Region region, LoadOptions options) {
    this.object = object;
    this.region = region;
    this.options = options;
    this.specs = new ArrayList<>(object.maps());
    this.maps = new BpfMap[specs.size()];
    this.taken = new boolean[specs.size()];
  }

  /**
   * Changes what user space wants otherwise.
   *
   * @throws LoadException when the object has no such map
   */
  void change() throws LoadException {
    for (Map.Entry<String, MapSettings> entry : options.settings().entrySet()) {
      boolean found = false;
      for (int i = 0; i < maps.length; i++) {
        if (specs.get(i).name().equals(entry.getKey())) {
          specs.set(i, entry.getValue().applyTo(specs.get(i)));
          found = true;
        }
      }
      if (!found) {
        throw new LoadException(
            "%s: no map named %s, of which something was to be set"
                .formatted(object.file(), entry.getKey()));
      }
    }
  }

  /**
   * Finds the maps that are there already.
   *
   * @throws LoadException when one of them cannot be the object's
   */
  void takeOver() throws LoadException {
    for (int i = 0; i < maps.length; i++) {
      BpfMap found = options.reused().get(specs.get(i).name());
      if (found != null) {
        take(i, found);
      }
    }
  }

  /** Whether a map is a section of global variables or of kernel configuration. */
  static boolean isSection(MapSpec spec) {
    return spec.type() != MapType.ARENA && (spec.data() != null || spec.name().startsWith("."));
  }

  /** The definitions that programs are verified with: what is there already counts. */
  List<MapSpec> specs() {
    return specs;
  }

  /** By the object's index; null for those that nobody uses. */
  List<BpfMap> maps() {
    return Arrays.asList(maps);
  }

  private void take(int index, BpfMap map) throws LoadException {
    MapSpec own = specs.get(index);
    check(own, map);
    specs.set(index, own.withShapeOf(map.spec()));
    maps[index] = map.hold();
    taken[index] = true;
  }

  private void check(MapSpec own, BpfMap map) throws LoadException {
    if (own.frozen() && !Arrays.equals(own.data(), map.spec().data())) {
      throw unfit(own, "it holds constants, which programs are verified with");
    }
    if (!map.livesIn(region)) {
      throw unfit(own, "it lives in another region");
    }
    boolean perCpu = map.spec().type().isPerCpu();
    if (perCpu && map.valuesPerKey() != options.cpus()) {
      throw unfit(
          own,
          "it has values for %d CPUs, and the object is loaded for %d"
              .formatted(map.valuesPerKey(), options.cpus()));
    }
  }

  private LoadException unfit(MapSpec own, String reason) {
    return new LoadException(
        "%s: map %s cannot be the one that is there: %s"
            .formatted(object.file(), own.name(), reason));
  }

  /**
   * Checks the definitions of all maps, before programs are verified with them: as libbpf, which
   * makes all of an object's maps first. Of maps that {@code programs} do not use those pass that
   * only cannot be made here.
   *
   * @throws LoadException naming the map that cannot be
   */
  void check(List<BpfProgram> programs) throws LoadException {
    for (BpfProgram program : programs) {
      for (int index : usedBy(program)) {
        try {
          check(index);
        } catch (MapException e) {
          throw refused(program, e);
        }
      }
    }
    for (int i = 0; i < maps.length; i++) {
      try {
        check(i);
      } catch (MapException e) {
        boolean broken = specs.get(i).problem() != null && !specs.get(i).untypable();
        if (broken || e.error() != 0 && e.error() != Errno.ENOMEM) {
          throw new LoadException(object.file() + ": " + e.getMessage(), e);
        }
      }
    }
    String objection = slots().ofMaps();
    if (objection != null) {
      throw new LoadException(object.file() + ": " + objection);
    }
  }

  private void check(int index) throws MapException {
    if (!taken[index]) {
      MapFactory.check(specs.get(index));
    }
  }

  /** What the object puts into its maps. */
  SlotCheck slots() {
    return new SlotCheck(specs, index -> taken[index]);
  }

  private LoadException refused(BpfProgram program, MapException e) {
    return new LoadException(
        "%s: program %s: %s".formatted(object.file(), program.name(), e.getMessage()), e);
  }

  /** Makes the maps that {@code program} uses and nobody used before. */
  void createFor(BpfProgram program) throws LoadException {
    for (int index : usedBy(program)) {
      create(program, index);
      if (maps[index] instanceof InnerMaps && !taken[index]) {
        for (MapSpec.Slot slot : specs.get(index).slots()) {
          create(program, slotMap(specs.get(index), slot));
        }
      }
    }
  }

  /** Makes the maps that are to be there though no program uses them. */
  void createOthers() throws LoadException {
    for (int i = 0; i < maps.length; i++) {
      MapSettings own = options.settings().get(specs.get(i).name());
      if (own != null && own.unused()) {
        try {
          check(i);
          create(i);
        } catch (MapException e) {
          throw new LoadException(object.file() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  private void create(BpfProgram program, int index) throws LoadException {
    try {
      create(index);
    } catch (MapException e) {
      throw refused(program, e);
    }
  }

  private void create(int index) throws LoadException, MapException {
    if (maps[index] != null) {
      return;
    }
    MapSpec spec = specs.get(index);
    PinnedMaps pins = options.pins();
    if (pins == null || spec.pinning() == MapSpec.PIN_NONE) {
      maps[index] = MapFactory.create(spec, region, options.cpus(), options.budget());
      return;
    }
    PinnedMaps.Pin pin =
        pins.findOrMake(pinOf(spec), spec, region, options.cpus(), options.budget());
    maps[index] = pin.map();
    taken[index] = !pin.made();
    check(spec, pin.map());
  }

  /** The name that a map is pinned under. */
  private String pinOf(MapSpec spec) {
    MapSettings own = options.settings().get(spec.name());
    if (own != null && own.pin() != null) {
      return own.pin();
    }
    return spec.pinning() == MapSpec.PIN_BY_OBJECT
        ? object.file() + "/" + spec.name()
        : spec.name();
  }

  /** The number of the map that a slot of a map of maps holds. */
  private int slotMap(MapSpec map, MapSpec.Slot slot) throws LoadException {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(slot.symbol())) {
        return i;
      }
    }
    throw new LoadException(
        "%s: map %s holds map %s at %d, which the object does not have"
            .formatted(object.file(), map.name(), slot.symbol(), slot.index()));
  }

  static Set<Integer> usedBy(BpfProgram program) {
    Set<Integer> used = new LinkedHashSet<>();
    for (Instruction i : program.instructions()) {
      if (i.isWide()
          && (i.src() == Opcode.PSEUDO_MAP_IDX || i.src() == Opcode.PSEUDO_MAP_IDX_VALUE)) {
        used.add(i.imm());
      }
    }
    return used;
  }

  /** Puts inner maps where the object says; what was there already keeps what it holds. */
  void fillMapsOfMaps() throws LoadException {
    for (int i = 0; i < maps.length; i++) {
      if (!taken[i] && maps[i] instanceof InnerMaps holder) {
        for (MapSpec.Slot slot : specs.get(i).slots()) {
          BpfMap inner = maps[slotMap(specs.get(i), slot)];
          int error = holder.set(indexKey(slot.index()), inner, BpfMap.ANY);
          if (error != 0) {
            throw new LoadException(
                "%s: map %s cannot hold map %s at %d: %s"
                    .formatted(
                        object.file(),
                        specs.get(i).name(),
                        slot.symbol(),
                        slot.index(),
                        objection(specs.get(i), inner, error)));
          }
        }
      }
    }
  }

  private static String objection(MapSpec holder, BpfMap inner, int error) {
    String difference = InnerMaps.difference(holder.inner(), inner.spec());
    return difference.isEmpty()
        ? "it has room for %s maps (%s)"
            .formatted(Integer.toUnsignedString(holder.maxEntries()), Errno.name(error))
        : "it " + difference;
  }

  /** Slots are numbered, so their keys are of 4 bytes, little-endian. */
  private static byte[] indexKey(int index) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(index).array();
  }

  /** Whether a map was there before. */
  boolean isShared(int index) {
    return taken[index];
  }

  /** Gives all of them up. */
  void release() {
    for (BpfMap map : maps) {
      if (map != null) {
        map.release();
      }
    }
    region.objects().trim();
  }

  /** Gives all of them up, and takes the pins away that were made for them. */
  void discard() {
    for (int i = 0; i < maps.length; i++) {
      boolean pinned = options.pins() != null && specs.get(i).pinning() != MapSpec.PIN_NONE;
      if (pinned && maps[i] != null && !taken[i]) {
        options.pins().unpin(pinOf(specs.get(i)), maps[i]);
      }
    }
    release();
  }
}
