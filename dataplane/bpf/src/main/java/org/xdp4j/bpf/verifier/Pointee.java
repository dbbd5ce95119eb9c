package org.xdp4j.bpf.verifier;

import java.util.Objects;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.ObjectType;

/**
 * What a pointer points into, apart from where: it stays the same object while the pointer is moved
 * and compared, so that two pointers into the same memory mostly agree by identity.
 *
 * @param frame for stack pointers: the call frame whose stack it is
 * @param map for map, map value and map key: the map's definition
 * @param mapIndex the map's index in the object, -1 for an inner map
 * @param mapId for inner maps and their values: the outer lookup it came from; for slices of a
 *     dynptr's memory: the dynptr; else 0
 * @param size for memory: its bytes; for a function: the instruction it begins with
 * @param flags {@link RegisterState#READ_ONLY} and its like
 * @param lostAt for a number: the call that made it out of a pointer, by moving the packet, by
 *     giving back what it pointed at or by releasing a lock; -1 for none: it only serves messages
 * @param object for an allocated object: its struct
 */
record Pointee(
    int frame,
    MapSpec map,
    int mapIndex,
    int mapId,
    int size,
    int flags,
    int lostAt,
    ObjectType object) {

  /** Of numbers, and of pointers whose kind says all. */
  static final Pointee NONE = new Pointee(0, null, -1, 0, 0, 0, -1, null);

  private static final Pointee[] FRAMES = new Pointee[VerifierState.MAX_FRAMES];

  static {
    for (int i = 0; i < FRAMES.length; i++) {
      FRAMES[i] = new Pointee(i, null, -1, 0, 0, 0, -1, null);
    }
  }

  /** The stack of frame {@code frame}. */
  static Pointee stack(int frame) {
    return FRAMES[frame];
  }

  /** A map, or one of its keys or values. */
  static Pointee map(MapSpec map, int mapIndex, int mapId) {
    return new Pointee(0, map, mapIndex, mapId, 0, 0, -1, null);
  }

  /** Memory of {@code size} bytes. */
  static Pointee memory(int size, int flags) {
    return new Pointee(0, null, -1, 0, size, flags, -1, null);
  }

  /** A slice of the memory of dynptr {@code dynptr}. */
  static Pointee slice(int size, int flags, int dynptr) {
    return new Pointee(0, null, -1, dynptr, size, flags, -1, null);
  }

  /** An object of {@code type}. */
  static Pointee object(ObjectType type, int flags) {
    return new Pointee(0, null, -1, 0, 0, flags, -1, type);
  }

  /** Nothing any more, because of {@code instruction}; see {@link RegisterState#lost}. */
  static Pointee lost(int instruction, int why) {
    return new Pointee(0, null, -1, 0, 0, why, instruction, null);
  }

  /** Whether both are the same memory, ids of lookups and what only serves messages left aside. */
  boolean isLike(Pointee other) {
    return this == other
        || frame == other.frame
            && map == other.map
            && mapIndex == other.mapIndex
            && size == other.size
            && flags == other.flags
            && Objects.equals(object, other.object);
  }
}
