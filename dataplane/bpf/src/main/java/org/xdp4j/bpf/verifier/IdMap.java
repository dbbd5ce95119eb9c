package org.xdp4j.bpf.verifier;

import java.util.Arrays;

/**
 * The pairing of ids while two states are compared. Ids are only names: two states agree when the
 * ids of one can be renamed, each to one other, into those of the other.
 */
final class IdMap {
  private int[] oldIds = new int[16];
  private int[] newIds = new int[16];
  private int size;
  private int fresh;

  void reset() {
    size = 0;
    fresh = 0;
  }

  /** Whether {@code oldId} is or can be paired with {@code newId}; 0 goes with 0 only. */
  boolean pair(int oldId, int newId) {
    if (oldId == 0 || newId == 0) {
      return oldId == newId;
    }
    for (int i = 0; i < size; i++) {
      if (oldIds[i] == oldId) {
        return newIds[i] == newId;
      }
      if (newIds[i] == newId) {
        return false;
      }
    }
    if (size == oldIds.length) {
      oldIds = Arrays.copyOf(oldIds, size * 2);
      newIds = Arrays.copyOf(newIds, size * 2);
    }
    oldIds[size] = oldId;
    newIds[size++] = newId;
    return true;
  }

  /** The same for scalars: no id asks for nothing, and a missing new id equals no other. */
  boolean pairScalars(int oldId, int newId) {
    return oldId == 0 || pair(oldId, newId == 0 ? --fresh : newId);
  }
}
