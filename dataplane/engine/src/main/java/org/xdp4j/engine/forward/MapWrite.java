package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.SharedSlot;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.text.TextException;
import org.xdp4j.engine.plan.ProgramPlan;

/**
 * What a plan's program is to write into maps that are in use: kept from the version before it, or
 * pinned. It is done last, when nothing else can fail.
 *
 * @param slots what the object itself puts into program arrays
 */
record MapWrite(
    ProgramPlan plan,
    BpfObject object,
    LoadedObject loaded,
    MapContents contents,
    List<SharedSlot> slots) {
  /** Does it, as far as it goes: what was done is in {@code changes}. */
  void write(MapChanges changes) throws ForwarderException {
    for (SharedSlot slot : slots) {
      int result = changes.put(slot.array(), slot.slot(), slot.program());
      if (result != 0) {
        throw ForwarderException.about(
            "program",
            plan.name(),
            "%s: map %s cannot hold program %s at %d: %s"
                .formatted(
                    object.file(),
                    slot.array().name(),
                    slot.program().name(),
                    slot.slot(),
                    slot.program().objection(slot.array(), result)),
            null);
      }
    }
    try {
      contents.fillShared(object, loaded, changes);
    } catch (TextException e) {
      throw ForwarderException.about("program", plan.name(), e.getMessage(), e);
    }
  }

  /** Adds the maps whose places in maps of maps it takes. */
  void replaced(Collection<BpfMap> inner) throws ForwarderException {
    try {
      contents.replaced(object, loaded, inner);
    } catch (TextException e) {
      throw ForwarderException.about("program", plan.name(), e.getMessage(), e);
    }
  }

  /** The programs whose places it takes. */
  List<MapProgram> replaced() {
    List<MapProgram> replaced = new ArrayList<>();
    for (SharedSlot slot : slots) {
      MapProgram there = slot.array().holder(slot.slot());
      if (there != null) {
        replaced.add(there);
      }
    }
    contents.replaced(loaded, slots, replaced);
    return replaced;
  }
}
