package org.xdp4j.bpf.object;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/** A map definition being read. */
final class MapSpecBuilder {
  private static final int PAGE = 4096;
  private static final int LARGEST_RING = 1 << 30;

  final String name;
  final List<MapSpec.Slot> slots = new ArrayList<>();
  int typeId;
  int keySize;
  int valueSize;
  int maxEntries;
  int flags;
  int keyBtf;
  int valueBtf;
  int pinning;
  int numaNode;
  long extra;
  MapSpec inner;
  List<SpecialField> fields = List.of();
  boolean untypable;
  private String problem;

  MapSpecBuilder(String name) {
    this.name = name;
  }

  /** Remembers why the map cannot be made; the first reason stays. */
  void fail(String reason) {
    if (problem == null) {
      problem = Sentence.of(reason);
    }
  }

  MapSpec build() {
    return MapSpec.of(
            name, typeId, keySize, valueSize, isRing() ? ringSize(maxEntries) : maxEntries, flags)
        .withBtf(keyBtf, valueBtf)
        .withInner(inner)
        .withSlots(List.copyOf(slots))
        .withPinning(pinning)
        .withExtra(extra)
        .withNumaNode(numaNode)
        .withProblem(problem)
        .withUntypable(untypable)
        .withFields(fields);
  }

  private boolean isRing() {
    return typeId == MapType.RINGBUF.id() || typeId == MapType.USER_RINGBUF.id();
  }

  /** As libbpf does: the smallest power of two of pages that is large enough. */
  private static int ringSize(int bytes) {
    if (bytes <= 0 || bytes > LARGEST_RING) {
      return bytes;
    }
    return Math.max(PAGE, Integer.highestOneBit(bytes - 1) << 1);
  }
}
