package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.map.MapSpec;

/**
 * What is known of a register or of a value spilled to the stack. Immutable, so states share it and
 * two states that hold the same object agree at once.
 *
 * @param kind what it holds
 * @param nullable for pointers: whether it may be NULL, so that it must be compared with 0 first
 * @param range for a scalar its value; for a pointer the part of its offset that is not in {@code
 *     offset}
 * @param offset for a pointer: the fixed part of its offset; for a scalar with {@code linkedByAdd}:
 *     by how much it exceeds the others of its {@code id}
 * @param linkedByAdd for a scalar: whether it is its {@code id}'s value plus {@code offset}
 * @param id equal, non-zero ids: scalars of equal value; pointers from the same base; nullable
 *     pointers that are NULL together
 * @param reference the acquired resource this points at, 0 for none
 * @param packetRange for packet pointers: bytes from {@code id}'s base known to lie in the packet;
 *     or {@link #BEYOND_END}, {@link #AT_END}
 * @param frame for stack pointers: the call frame whose stack it is
 * @param map for map, map value and map key: the map's definition
 * @param mapIndex the map's index in the object, -1 for an inner map
 * @param mapId for inner maps and their values: the outer lookup it came from, else 0
 * @param size for memory: its bytes
 * @param flags {@link #READ_ONLY}, {@link #RESERVED}, {@link #TRUSTED_CONTEXT}
 * @param lostAt instruction that made this scalar out of a packet pointer by moving the packet, -1
 *     for none: it only serves messages
 */
record RegisterState(
    RegisterKind kind,
    boolean nullable,
    ScalarRange range,
    int offset,
    boolean linkedByAdd,
    int id,
    int reference,
    int packetRange,
    int frame,
    MapSpec map,
    int mapIndex,
    int mapId,
    int size,
    int flags,
    int lostAt) {

  /** {@link #packetRange} of a pointer known to lie behind the packet's end. */
  static final int BEYOND_END = -1;

  /** {@link #packetRange} of a pointer known to lie at the packet's end or behind it. */
  static final int AT_END = -2;

  /** Flag of memory that may not be written. */
  static final int READ_ONLY = 1;

  /** Flag of memory that a ring buffer reserved. */
  static final int RESERVED = 2;

  static final RegisterState UNINITIALISED =
      base(RegisterKind.UNINITIALISED, ScalarRange.UNKNOWN, 0);

  /** A number of which nothing is known. */
  static final RegisterState UNKNOWN = base(RegisterKind.SCALAR, ScalarRange.UNKNOWN, 0);

  static final RegisterState ZERO = base(RegisterKind.SCALAR, ScalarRange.ZERO, 0);

  static final RegisterState CONTEXT = base(RegisterKind.CONTEXT, ScalarRange.ZERO, 0);

  private static RegisterState base(RegisterKind kind, ScalarRange range, int id) {
    return new RegisterState(kind, false, range, 0, false, id, 0, 0, 0, null, -1, 0, 0, 0, -1);
  }

  /** A number. */
  static RegisterState scalar(ScalarRange range) {
    return range.equals(ScalarRange.UNKNOWN) ? UNKNOWN : base(RegisterKind.SCALAR, range, 0);
  }

  /** A known number. */
  static RegisterState constant(long value) {
    return value == 0 ? ZERO : base(RegisterKind.SCALAR, ScalarRange.constant(value), 0);
  }

  /** r10 of frame {@code frame}. */
  static RegisterState frameTop(int frame) {
    return new RegisterState(
        RegisterKind.STACK,
        false,
        ScalarRange.ZERO,
        0,
        false,
        0,
        0,
        0,
        frame,
        null,
        -1,
        0,
        0,
        0,
        -1);
  }

  /** A packet pointer as the context gives it. */
  static RegisterState packet(RegisterKind kind) {
    return base(kind, ScalarRange.ZERO, 0);
  }

  /** A pointer to a map, or to (the start of) one of its keys or values. */
  static RegisterState ofMap(RegisterKind kind, MapSpec map, int mapIndex, int mapId) {
    return new RegisterState(
        kind, false, ScalarRange.ZERO, 0, false, 0, 0, 0, 0, map, mapIndex, mapId, 0, 0, -1);
  }

  /** A pointer to {@code size} bytes. */
  static RegisterState memory(int size, int flags, int reference) {
    return new RegisterState(
        RegisterKind.MEMORY,
        false,
        ScalarRange.ZERO,
        0,
        false,
        0,
        reference,
        0,
        0,
        null,
        -1,
        0,
        size,
        flags,
        -1);
  }

  /** A pointer to the subprogram at {@code start}. */
  static RegisterState function(int start) {
    return base(RegisterKind.FUNCTION, ScalarRange.ZERO, 0).withOffset(start);
  }

  boolean isInitialised() {
    return kind != RegisterKind.UNINITIALISED;
  }

  boolean isScalar() {
    return kind == RegisterKind.SCALAR;
  }

  boolean isPointer() {
    return kind != RegisterKind.SCALAR && kind != RegisterKind.UNINITIALISED;
  }

  /** Whether it is the number 0. */
  boolean isNull() {
    return kind == RegisterKind.SCALAR && range.is(0);
  }

  /**
   * Whether it is a pointer of which Linux, too, takes for granted that it is not NULL; of others
   * it follows both outcomes of a comparison with NULL.
   */
  boolean isNotNull() {
    return !nullable
        && switch (kind) {
          case MAP, MAP_VALUE, MAP_KEY, MEMORY -> true;
          default -> false;
        };
  }

  /** Whether its offset is known. */
  boolean hasFixedOffset() {
    return range.isConstant();
  }

  /** The whole offset, when {@link #hasFixedOffset}. */
  long fixedOffset() {
    return offset + range.value();
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  RegisterState withRange(ScalarRange newRange) {
    return newRange.equals(range)
        ? this
        : new RegisterState(
            kind,
            nullable,
            newRange,
            offset,
            linkedByAdd,
            id,
            reference,
            packetRange,
            frame,
            map,
            mapIndex,
            mapId,
            size,
            flags,
            lostAt);
  }

  RegisterState withOffset(int newOffset) {
    return new RegisterState(
        kind,
        nullable,
        range,
        newOffset,
        linkedByAdd,
        id,
        reference,
        packetRange,
        frame,
        map,
        mapIndex,
        mapId,
        size,
        flags,
        lostAt);
  }

  /** For a scalar: linked by {@code newId}, at {@code delta} from it when {@code byAdd}. */
  RegisterState withLink(int newId, boolean byAdd, int delta) {
    return newId == id && byAdd == linkedByAdd && delta == offset
        ? this
        : new RegisterState(
            kind,
            nullable,
            range,
            delta,
            byAdd,
            newId,
            reference,
            packetRange,
            frame,
            map,
            mapIndex,
            mapId,
            size,
            flags,
            lostAt);
  }

  /** For a scalar: linked to nothing. */
  RegisterState unlinked() {
    return withLink(0, false, 0);
  }

  RegisterState withId(int newId) {
    return new RegisterState(
        kind,
        nullable,
        range,
        offset,
        linkedByAdd,
        newId,
        reference,
        packetRange,
        frame,
        map,
        mapIndex,
        mapId,
        size,
        flags,
        lostAt);
  }

  RegisterState withPacketRange(int newRange) {
    return new RegisterState(
        kind,
        nullable,
        range,
        offset,
        linkedByAdd,
        id,
        reference,
        newRange,
        frame,
        map,
        mapIndex,
        mapId,
        size,
        flags,
        lostAt);
  }

  RegisterState withReference(int newReference) {
    return new RegisterState(
        kind,
        nullable,
        range,
        offset,
        linkedByAdd,
        id,
        newReference,
        packetRange,
        frame,
        map,
        mapIndex,
        mapId,
        size,
        flags,
        lostAt);
  }

  /** The same pointer, which may be NULL, together with all others of {@code newId}. */
  RegisterState orNull(int newId) {
    return new RegisterState(
        kind,
        true,
        range,
        offset,
        linkedByAdd,
        newId,
        reference,
        packetRange,
        frame,
        map,
        mapIndex,
        mapId,
        size,
        flags,
        lostAt);
  }

  /** The same pointer, found not to be NULL. */
  RegisterState notNull() {
    RegisterState found =
        new RegisterState(
            kind,
            false,
            range,
            offset,
            linkedByAdd,
            0,
            reference,
            packetRange,
            frame,
            map,
            mapIndex,
            mapId,
            size,
            flags,
            lostAt);
    if (kind == RegisterKind.MAP_VALUE && map.inner() != null) {
      return ofMap(RegisterKind.MAP, map.inner(), -1, id);
    }
    return found;
  }

  /** A number nothing is known of, that was a packet pointer until {@code instruction}. */
  static RegisterState lostPacketPointer(int instruction) {
    return new RegisterState(
        RegisterKind.SCALAR,
        false,
        ScalarRange.UNKNOWN,
        0,
        false,
        0,
        0,
        0,
        0,
        null,
        -1,
        0,
        0,
        0,
        instruction);
  }

  /** How messages say what it is: {@code packet + 14}. */
  String describe() {
    return switch (kind) {
      case UNINITIALISED -> "uninitialised";
      case SCALAR -> range.isConstant() ? "the number " + range : "a number (" + range + ")";
      case FUNCTION -> "a function";
      default -> pointerText();
    };
  }

  private String pointerText() {
    String text =
        switch (kind) {
          case CONTEXT -> "context";
          case STACK -> "fp";
          case PACKET -> "packet";
          case PACKET_META -> "packet metadata";
          case PACKET_END -> "packet end";
          case MAP -> "map '" + map.name() + "'";
          case MAP_VALUE -> "value of map '" + map.name() + "'";
          case MAP_KEY -> "key of map '" + map.name() + "'";
          default -> has(RESERVED) ? "reserved record" : "memory";
        };
    return text + offsetText() + (nullable ? ", or NULL" : "");
  }

  /** {@code " + 14"}, {@code " - 8"}, {@code " + (0 to 255) + 2"} or empty. */
  private String offsetText() {
    if (range.isConstant()) {
      long whole = fixedOffset();
      return whole == 0 ? "" : whole < 0 ? " - " + -whole : " + " + whole;
    }
    String fixed = offset == 0 ? "" : offset < 0 ? " - " + -(long) offset : " + " + offset;
    return " + (" + range + ")" + fixed;
  }
}
