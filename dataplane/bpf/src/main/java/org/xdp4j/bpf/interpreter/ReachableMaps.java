package org.xdp4j.bpf.interpreter;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.InnerMaps;
import org.xdp4j.bpf.memory.Region;

/**
 * The maps that one run can reach: its program's, and those in its maps of maps, as these are and
 * as they were since the run began. User space changes them meanwhile: what a program holds stays
 * good for it, and what it finds may be newer than the run.
 */
final class ReachableMaps {
  private final List<BpfMap> own;
  private List<BpfMap> known;

  /**
   * @param own null where the program has none
   */
  ReachableMaps(List<BpfMap> own) {
    this.own = own;
    this.known = InnerMaps.withInner(own);
  }

  /** The first map of which {@code test} holds, or null. */
  BpfMap find(Predicate<BpfMap> test) {
    BpfMap found = first(known, test);
    return found == null && known != own ? first(newlyKnown(), test) : found;
  }

  /**
   * The map at this address, or null. One that was put into a map of maps and taken out again since
   * the program found it there is known by its shape.
   */
  BpfMap at(Region region, long address) {
    BpfMap found = find(map -> map.address() == address);
    if (found == null
        && region.attached(address) instanceof BpfMap map
        && own.stream().anyMatch(holder -> mayHold(holder, map))) {
      known = new ArrayList<>(known);
      known.add(map);
      return map;
    }
    return found;
  }

  private static boolean mayHold(BpfMap holder, BpfMap map) {
    return holder instanceof InnerMaps && InnerMaps.fits(holder.spec().inner(), map.spec());
  }

  private static BpfMap first(List<BpfMap> maps, Predicate<BpfMap> test) {
    for (BpfMap map : maps) {
      if (map != null && test.test(map)) {
        return map;
      }
    }
    return null;
  }

  /** Those that came into a map of maps since it was last looked at. */
  private List<BpfMap> newlyKnown() {
    List<BpfMap> fresh = new ArrayList<>(InnerMaps.withInner(own));
    fresh.removeAll(known);
    known = new ArrayList<>(known);
    known.addAll(fresh);
    return fresh;
  }
}
