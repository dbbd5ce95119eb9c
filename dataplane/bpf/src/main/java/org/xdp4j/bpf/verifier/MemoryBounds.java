package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/**
 * Whether an access of some bytes through a pointer stays within what the pointer points at, for
 * everything but the stack and the context. Instructions and helpers' memory arguments both ask
 * here.
 */
final class MemoryBounds {
  private final Verification v;

  MemoryBounds(Verification v) {
    this.v = v;
  }

  /** Refuses what is no pointer to memory at all. */
  void checkDereference(int register, RegisterState pointer) throws VerifierException {
    if (pointer.isScalar()) {
      Cause cause = Loss.cause(pointer, Cause.NOT_A_POINTER);
      throw v.refuse(cause, register, is(register, pointer) + ", not a pointer" + lost(pointer));
    }
    if (pointer.nullable()) {
      throw v.refuse(
          Cause.NULL_NOT_CHECKED,
          register,
          is(register, pointer) + "; compare it with NULL before using it");
    }
    switch (pointer.kind()) {
      case PACKET_END ->
          throw v.refuse(
              Cause.NOT_A_POINTER,
              register,
              is(register, pointer) + ", where there is nothing to access");
      case MAP ->
          throw v.refuse(
              Cause.NOT_A_POINTER,
              register,
              is(register, pointer)
                  + "; a map is accessed with helpers, such as bpf_map_lookup_elem, only");
      case FUNCTION ->
          throw v.refuse(
              Cause.NOT_A_POINTER, register, is(register, pointer) + ", not a pointer to memory");
      case DYNPTR ->
          throw v.refuse(
              Cause.NOT_A_POINTER,
              register,
              is(register, pointer) + ", which only helpers and kernel functions may touch");
      default -> {
        // Memory of some kind.
      }
    }
  }

  private static String lost(RegisterState scalar) {
    boolean packet = Loss.cause(scalar, null) == Cause.PACKET_POINTER_LOST;
    return Loss.clause(scalar) + (packet ? "; load it from the context and check it again" : "");
  }

  /** Checks an access of {@code size} bytes (0 up) at {@code offset} from {@code pointer}. */
  void check(int register, RegisterState pointer, int offset, long size, boolean write)
      throws VerifierException {
    switch (pointer.kind()) {
      case PACKET, PACKET_META -> checkPacket(register, pointer, offset, size, write);
      case MAP_VALUE -> {
        checkMapFlags(register, pointer, write);
        checkSocket(register, pointer, offset, size);
        checkSized(register, pointer, offset, size, pointer.map().valueSize(), write);
        checkFields(register, pointer, offset, size);
      }
      case MAP_KEY -> {
        if (write) {
          throw v.refuse(
              Cause.READ_ONLY,
              register,
              "r" + register + " is " + pointer.describe() + ", which is read-only");
        }
        checkSized(register, pointer, offset, size, pointer.map().keySize(), false);
      }
      case MEMORY -> {
        if (write && pointer.has(RegisterState.READ_ONLY)) {
          throw v.refuse(
              Cause.READ_ONLY,
              register,
              "r" + register + " is " + pointer.describe() + ", which is read-only");
        }
        if (!pointer.isAnyMemory()) {
          checkSized(register, pointer, offset, size, pointer.size(), write);
        }
      }
      default -> throw v.refuse("r" + register + " is " + pointer.describe() + ", not memory");
    }
  }

  private void checkFields(int register, RegisterState pointer, int offset, long size)
      throws VerifierException {
    for (SpecialField field : pointer.map().fields()) {
      long fixed = (long) pointer.offset() + offset;
      if (field.overlaps(pointer.range().smin() + fixed, pointer.range().umax() + fixed + size)) {
        throw v.refuse(
            "r%d is %s; %s lies at offset %d, which only helpers touch"
                .formatted(register, pointer.describe(), field.kind().text(), field.offset()));
      }
    }
  }

  /** What a lookup in an XSKMAP gives is a socket, of which only the queue's number is shown. */
  private void checkSocket(int register, RegisterState pointer, int offset, long size)
      throws VerifierException {
    boolean isQueue = pointer.hasFixedOffset() && pointer.fixedOffset() + offset == 0 && size == 4;
    if (pointer.map().type() == MapType.XSKMAP && !isQueue) {
      throw v.refuse(
          Cause.NOT_AVAILABLE,
          register,
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", a socket; only the 4 bytes of its queue_id at offset 0 can be loaded");
    }
  }

  private void checkMapFlags(int register, RegisterState pointer, boolean write)
      throws VerifierException {
    MapSpec map = pointer.map();
    MapType type = map.type();
    boolean alwaysReadOnly =
        type == MapType.DEVMAP || type == MapType.DEVMAP_HASH || type == MapType.XSKMAP;
    if (write && (alwaysReadOnly || (map.flags() & MapSpec.F_RDONLY_PROG) != 0)) {
      throw v.refuse(
          Cause.READ_ONLY,
          register,
          "r" + register + " is " + pointer.describe() + ", which programs may only read");
    }
    if (!write && (map.flags() & MapSpec.F_WRONLY_PROG) != 0) {
      throw v.refuse(
          Cause.READ_ONLY,
          register,
          "r" + register + " is " + pointer.describe() + ", which programs may only write");
    }
  }

  private void checkPacket(
      int register, RegisterState pointer, int offset, long size, boolean write)
      throws VerifierException {
    if (pointer.range().smin() < 0) {
      throw v.refuse(
          Cause.PACKET_BOUNDS,
          register,
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", whose variable part may be negative; check that it is not");
    }
    long start = (long) pointer.offset() + offset;
    if (start < 0 || start + size > pointer.packetRange()) {
      throw v.refuse(
          Cause.PACKET_BOUNDS, register, packetReason(register, pointer, start, size, write));
    }
  }

  private String packetReason(
      int register, RegisterState pointer, long start, long size, boolean write) {
    boolean meta = pointer.kind() == RegisterKind.PACKET_META;
    String what =
        (meta ? "metadata " : "packet ")
            + (write ? "store" : "load")
            + " of "
            + bytes(size)
            + " at offset "
            + start;
    String base = pointer.hasFixedOffset() ? "" : " from its variable part";
    String is = " (r" + register + " is " + pointer.describe() + ")";
    if (start < 0) {
      return what + base + " lies before the " + (meta ? "metadata" : "packet") + is;
    }
    String bound = meta ? "data" : "data_end";
    if (pointer.packetRange() < 0) {
      return what + base + ": r" + register + " is known to lie behind " + bound + is;
    }
    return what
        + base
        + " needs "
        + bytes(start + size)
        + " checked against "
        + bound
        + ", but "
        + checked(pointer.packetRange())
        + is;
  }

  private static String checked(int range) {
    return range == 0 ? "none are" : "only " + range + (range == 1 ? " is" : " are");
  }

  private static String bytes(long count) {
    return count == 1 ? "1 byte" : count + " bytes";
  }

  private void checkSized(
      int register, RegisterState pointer, int offset, long size, int available, boolean write)
      throws VerifierException {
    ScalarRange range = pointer.range();
    long fixed = (long) pointer.offset() + offset;
    if (range.smin() == Long.MIN_VALUE
        || range.smin() < -VerifierLimits.VARIABLE_OFFSET
        || range.smin() + fixed < 0) {
      String least =
          range.smin() < -VerifierLimits.VARIABLE_OFFSET
              ? "has no lower bound"
              : "may lie " + -(range.smin() + fixed) + " bytes before its start";
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          register,
          is(register, pointer) + "; a " + what(write, size, offset) + " " + least);
    }
    if (range.smin() < 0 && !range.isConstant()) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          register,
          is(register, pointer)
              + ", whose variable part may be negative; check the index, or add the fixed part to"
              + " it first");
    }
    if (Long.compareUnsigned(range.umax(), VerifierLimits.VARIABLE_OFFSET) >= 0) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          register,
          is(register, pointer)
              + "; a "
              + what(write, size, offset)
              + " has no upper bound, and there are only "
              + bytes(available)
              + ": check the index before using it");
    }
    long end = range.umax() + fixed + size;
    if (end > available) {
      throw v.refuse(
          Cause.MEMORY_BOUNDS,
          register,
          is(register, pointer)
              + "; a "
              + what(write, size, offset)
              + (range.isConstant() ? " ends" : " may end")
              + " at byte "
              + end
              + ", but there are only "
              + bytes(available));
    }
  }

  private static String is(int register, RegisterState pointer) {
    return "r" + register + " is " + pointer.describe();
  }

  private static String what(boolean write, long size, int offset) {
    return (write ? "store" : "load") + " of " + bytes(size) + " at offset " + offset;
  }
}
