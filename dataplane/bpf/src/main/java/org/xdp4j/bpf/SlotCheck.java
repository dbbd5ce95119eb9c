package org.xdp4j.bpf;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramKind;
import org.xdp4j.bpf.map.ProgramOwner;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * What an object puts into its own maps, and which of its programs share them: judged by the
 * definitions alone, before a map is there. Maps that are there already are left out: they say
 * themselves what they take.
 */
final class SlotCheck {
  private final List<MapSpec> specs;
  private final IntPredicate isThere;

  SlotCheck(List<MapSpec> specs, IntPredicate isThere) {
    this.specs = specs;
    this.isThere = isThere;
  }

  /**
   * Why a map of maps, of a program or of none, cannot hold what the object puts there; or null.
   */
  String ofMaps() {
    for (int i = 0; i < specs.size(); i++) {
      MapSpec spec = specs.get(i);
      boolean holder = spec.type() == MapType.ARRAY_OF_MAPS || spec.type() == MapType.HASH_OF_MAPS;
      String objection = holder && !isThere.test(i) ? ofMaps(spec) : null;
      if (objection != null) {
        return objection;
      }
    }
    return null;
  }

  private String ofMaps(MapSpec holder) {
    Set<Integer> keys = new TreeSet<>();
    for (MapSpec.Slot slot : holder.slots()) {
      MapSpec inner = map(slot.symbol());
      if (inner == null) {
        return "map %s holds map %s at %d, which the object does not have"
            .formatted(holder.name(), slot.symbol(), slot.index());
      }
      keys.add(slot.index());
      boolean room =
          holder.type() == MapType.ARRAY_OF_MAPS
              ? Integer.compareUnsigned(slot.index(), holder.maxEntries()) < 0
              : Integer.compareUnsigned(keys.size(), holder.maxEntries()) <= 0;
      String difference = InnerMaps.difference(holder.inner(), inner);
      if (!difference.isEmpty() || !room) {
        return "map %s cannot hold map %s at %d: %s"
            .formatted(
                holder.name(),
                slot.symbol(),
                slot.index(),
                difference.isEmpty() ? room(holder, "maps") : "it " + difference);
      }
    }
    return null;
  }

  private MapSpec map(String name) {
    return specs.stream().filter(spec -> spec.name().equals(name)).findFirst().orElse(null);
  }

  private static String room(MapSpec spec, String what) {
    return "it has room for %s %s (%s)"
        .formatted(Integer.toUnsignedString(spec.maxEntries()), what, Errno.name(Errno.E2BIG));
  }

  /**
   * Why one of these programs cannot use a map that programs stand in, or stand in one itself, with
   * the others; or null.
   *
   * @param kinds by the programs' names; programs that run where another one does have none yet
   * @param programs in the order they are loaded in
   */
  String ofPrograms(Map<String, ProgramKind> kinds, Collection<BpfProgram> programs) {
    Map<Integer, ProgramOwner> owners = new LinkedHashMap<>();
    for (BpfProgram program : programs) {
      for (int index : ObjectMaps.usedBy(program)) {
        String objection = ofUse(program, kinds.get(program.name()), index, owners);
        if (objection != null) {
          return objection;
        }
      }
    }
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).type() == MapType.PROG_ARRAY && !isThere.test(i)) {
        String objection = ofArray(specs.get(i), kinds, owners.getOrDefault(i, new ProgramOwner()));
        if (objection != null) {
          return objection;
        }
      }
    }
    return null;
  }

  private String ofUse(
      BpfProgram program, ProgramKind kind, int index, Map<Integer, ProgramOwner> owners) {
    MapSpec spec = index >= 0 && index < specs.size() ? specs.get(index) : null;
    if (kind == null || spec == null || !spec.type().containsPrograms()) {
      return null;
    }
    ProgramOwner owner = owners.computeIfAbsent(index, i -> new ProgramOwner());
    if (isThere.test(index) || owner.admits(kind, spec.type() == MapType.PROG_ARRAY)) {
      return null;
    }
    return useObjection(program.name(), kind, spec.name(), owner.kind());
  }

  /** The sentence for a program of another kind than the first that used a map. */
  static String useObjection(String program, ProgramKind kind, String map, ProgramKind owner) {
    return "program %s cannot use map %s: the program is %s, and the first to use the map was %s (EINVAL)"
        .formatted(program, map, kind, owner);
  }

  private static String ofArray(MapSpec array, Map<String, ProgramKind> kinds, ProgramOwner owner) {
    for (MapSpec.Slot slot : array.slots()) {
      ProgramKind kind = kinds.get(slot.symbol());
      String reason = null;
      if (Integer.compareUnsigned(slot.index(), array.maxEntries()) >= 0) {
        reason = room(array, "entries").replaceFirst("^it", "the map");
      } else if (kind != null && !owner.admits(kind, true)) {
        reason =
            "the program is %s, and the first to use the map was %s (%s)"
                .formatted(kind, owner.kind(), Errno.name(Errno.EINVAL));
      }
      if (reason != null) {
        return "map %s cannot hold program %s at %d: %s"
            .formatted(array.name(), slot.symbol(), slot.index(), reason);
      }
    }
    return null;
  }
}
