package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.helper.KernelObject;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.map.SpecialField;

/**
 * What is known of a register or of a value spilled to the stack. Immutable once a method of this
 * class has handed it out, so that states share it and two states that hold the same object agree
 * at once.
 */
final class RegisterState {
  /** {@link #packetRange} of a pointer known to lie behind the packet's end. */
  static final int BEYOND_END = -1;

  /** {@link #packetRange} of a pointer known to lie at the packet's end or behind it. */
  static final int AT_END = -2;

  /** Flag of memory that may not be written. */
  static final int READ_ONLY = 1;

  /** Flag of memory that a ring buffer reserved. */
  static final int RESERVED = 2;

  /** Flag of memory that is a slice of the packet, lost when the packet moves. */
  static final int PACKET_SLICE = 4;

  /** Flag of an object that a program allocated, and may so write to (kernel: MEM_ALLOC). */
  static final int ALLOCATED = 8;

  /** Flag of an object that a list or a tree owns (kernel: NON_OWN_REF). */
  static final int NON_OWNING = 16;

  /** Flag of an object that may end at any time, but whose memory stays (kernel: MEM_RCU). */
  static final int RCU = 32;

  /** Flag of an object of which each CPU has a copy. */
  static final int PERCPU = 64;

  /** Flag of an object that may be gone; reading gives anything (kernel: PTR_UNTRUSTED). */
  static final int UNTRUSTED = 128;

  /** Flag of a kernel's structure that is known to be valid (kernel: PTR_TRUSTED). */
  static final int TRUSTED = 1024;

  /** Flag of a kernel's structure that is one of those that are here (KernelStructure). */
  static final int SHOWN = 2048;

  /** Flag of a number that was a pointer to what a call gave back or gave away. */
  static final int RELEASED = 256;

  /** Flag of a number that was a pointer to what was lent until a lock was released. */
  static final int UNLOCKED = 512;

  static final RegisterState UNINITIALISED =
      new RegisterState(RegisterKind.UNINITIALISED, ScalarRange.UNKNOWN, Pointee.NONE);

  /** A number of which nothing is known. */
  static final RegisterState UNKNOWN =
      new RegisterState(RegisterKind.SCALAR, ScalarRange.UNKNOWN, Pointee.NONE);

  static final RegisterState ZERO =
      new RegisterState(RegisterKind.SCALAR, ScalarRange.ZERO, Pointee.NONE);

  static final RegisterState CONTEXT =
      new RegisterState(RegisterKind.CONTEXT, ScalarRange.ZERO, Pointee.NONE);

  /** A pointer into the arena of the program. */
  static final RegisterState ARENA =
      new RegisterState(RegisterKind.ARENA, ScalarRange.ZERO, Pointee.NONE);

  private final RegisterKind kind;
  private Pointee pointee;
  private ScalarRange range;
  private boolean nullable;
  private boolean linkedByAdd;
  private boolean linked32;
  private int offset;
  private int id;
  private int reference;
  private int packetRange;

  /** Of {@link #hashCode}, 0 while not asked for. */
  private int hash;

  private RegisterState(RegisterKind kind, ScalarRange range, Pointee pointee) {
    this.kind = kind;
    this.range = range;
    this.pointee = pointee;
  }

  /** A copy, of which the caller changes what differs before handing it out. */
  private RegisterState(RegisterState from) {
    kind = from.kind;
    pointee = from.pointee;
    range = from.range;
    nullable = from.nullable;
    linkedByAdd = from.linkedByAdd;
    linked32 = from.linked32;
    offset = from.offset;
    id = from.id;
    reference = from.reference;
    packetRange = from.packetRange;
  }

  /** A number. */
  static RegisterState scalar(ScalarRange range) {
    return range.equals(ScalarRange.UNKNOWN)
        ? UNKNOWN
        : new RegisterState(RegisterKind.SCALAR, range, Pointee.NONE);
  }

  /** A known number. */
  static RegisterState constant(long value) {
    return value == 0
        ? ZERO
        : new RegisterState(RegisterKind.SCALAR, ScalarRange.constant(value), Pointee.NONE);
  }

  /** A pointer to the start of {@code pointee}. */
  static RegisterState pointer(RegisterKind kind, Pointee pointee) {
    return new RegisterState(kind, ScalarRange.ZERO, pointee);
  }

  /** r10 of frame {@code frame}. */
  static RegisterState frameTop(int frame) {
    return pointer(RegisterKind.STACK, Pointee.stack(frame));
  }

  /** A packet pointer as the context gives it. */
  static RegisterState packet(RegisterKind kind) {
    return pointer(kind, Pointee.NONE);
  }

  /** A pointer to a map, or to (the start of) one of its keys or values. */
  static RegisterState ofMap(RegisterKind kind, MapSpec map, int mapIndex, int mapId) {
    return pointer(kind, Pointee.map(map, mapIndex, mapId));
  }

  /** A pointer to {@code size} bytes. */
  static RegisterState memory(int size, int flags, int reference) {
    return pointer(RegisterKind.MEMORY, Pointee.memory(size, flags)).withReference(reference);
  }

  /** A pointer to whatever may be there, to be read with care. */
  static RegisterState anyMemory() {
    return memory(0, READ_ONLY | UNTRUSTED, 0);
  }

  /** Whether it is such a pointer. */
  boolean isAnyMemory() {
    return kind == RegisterKind.MEMORY && has(UNTRUSTED);
  }

  /** A pointer to {@code size} bytes of the memory of dynptr {@code dynptr}. */
  static RegisterState slice(int size, int flags, int dynptr, int reference) {
    return pointer(RegisterKind.MEMORY, Pointee.slice(size, flags, dynptr))
        .withReference(reference);
  }

  /** A pointer to an object of {@code type}. */
  static RegisterState object(ObjectType type, int flags) {
    return pointer(RegisterKind.OBJECT, Pointee.object(type, flags));
  }

  /** A pointer to an object of a kernel. */
  static RegisterState kernelObject(KernelObject object) {
    return kernelStruct(new ObjectType(0, object.struct(), 0), 0);
  }

  /**
   * A pointer to a structure of a kernel.
   *
   * @param type with the id 0 when it is known by name only
   * @param flags {@link #UNTRUSTED} when it was found by following another one
   */
  static RegisterState kernelStruct(ObjectType type, int flags) {
    return pointer(RegisterKind.KERNEL_STRUCT, Pointee.object(type, flags));
  }

  /** Whether it is such a pointer, or may be where it may be NULL. */
  boolean isKernelObject(KernelObject object) {
    return kind == RegisterKind.KERNEL_STRUCT
        && object() != null
        && !has(UNTRUSTED)
        && object().name().equals(object.struct());
  }

  /** A dynptr that may be used but not changed, as a callback is given it. */
  static RegisterState dynptr(StackObject.DynptrType type, int id) {
    return pointer(RegisterKind.DYNPTR, Pointee.slice(type.ordinal(), 0, id));
  }

  /** A pointer to the subprogram at {@code start}, which is its {@link #size}. */
  static RegisterState function(int start) {
    return pointer(RegisterKind.FUNCTION, Pointee.memory(start, 0));
  }

  /** A number nothing is known of, that was a packet pointer until {@code instruction}. */
  static RegisterState lostPacketPointer(int instruction) {
    return lost(instruction, 0);
  }

  /**
   * A number nothing is known of, that was a pointer until {@code instruction}.
   *
   * @param why {@link #RELEASED}, {@link #UNLOCKED}, or 0 when the packet moved
   */
  static RegisterState lost(int instruction, int why) {
    return new RegisterState(
        RegisterKind.SCALAR, ScalarRange.UNKNOWN, Pointee.lost(instruction, why));
  }

  /** What it holds. */
  RegisterKind kind() {
    return kind;
  }

  /** For pointers: whether it may be NULL, so that it must be compared with 0 first. */
  boolean nullable() {
    return nullable;
  }

  /** For a scalar its value; for a pointer the part of its offset not in {@link #offset}. */
  ScalarRange range() {
    return range;
  }

  /**
   * For a pointer: the fixed part of its offset; for a scalar that is {@link #linkedByAdd}: by how
   * much it exceeds the others of its {@link #id}.
   */
  int offset() {
    return offset;
  }

  /** For a scalar: whether it is its {@link #id}'s value plus {@link #offset}. */
  boolean linkedByAdd() {
    return linkedByAdd;
  }

  /** Whether that sum is one of 32 bits, whatever its carry. */
  boolean linked32() {
    return linked32;
  }

  /**
   * Equal, non-zero ids: scalars of equal value; pointers from the same base; nullable pointers
   * that are NULL together.
   */
  int id() {
    return id;
  }

  /** The acquired resource this points at, 0 for none. */
  int reference() {
    return reference;
  }

  /**
   * For packet pointers: bytes from {@link #id}'s base known to lie in the packet; or {@link
   * #BEYOND_END}, {@link #AT_END}.
   */
  int packetRange() {
    return packetRange;
  }

  /** What it points into. */
  Pointee pointee() {
    return pointee;
  }

  /** See {@link Pointee#frame}. */
  int frame() {
    return pointee.frame();
  }

  /** See {@link Pointee#map}. */
  MapSpec map() {
    return pointee.map();
  }

  /** See {@link Pointee#mapIndex}. */
  int mapIndex() {
    return pointee.mapIndex();
  }

  /** See {@link Pointee#mapId}. */
  int mapId() {
    return pointee.mapId();
  }

  /** See {@link Pointee#size}. */
  int size() {
    return pointee.size();
  }

  /** See {@link Pointee#lostAt}. */
  int lostAt() {
    return pointee.lostAt();
  }

  /** See {@link Pointee#object}. */
  ObjectType object() {
    return pointee.object();
  }

  /** See {@link Pointee#flags}. */
  int flags() {
    return pointee.flags();
  }

  /** The special fields of the map value or object that it points at. */
  List<SpecialField> fields() {
    return kind == RegisterKind.OBJECT ? object().fields() : map().fields();
  }

  /** Whether it is an object that the program has to give back. */
  boolean isOwnedObject() {
    return kind == RegisterKind.OBJECT && reference != 0;
  }

  boolean has(int flag) {
    return (pointee.flags() & flag) != 0;
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
          case MAP, MAP_VALUE, MAP_KEY, SOCKET, SOCK_COMMON -> true;
          case MEMORY -> !has(UNTRUSTED);
          case KERNEL_STRUCT -> reference != 0 || has(TRUSTED);
          case OBJECT -> reference != 0 || (flags() & ~NON_OWNING) == ALLOCATED;
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

  RegisterState withRange(ScalarRange newRange) {
    if (newRange.equals(range)) {
      return this;
    }
    RegisterState copy = new RegisterState(this);
    copy.range = newRange;
    return copy;
  }

  RegisterState withOffset(int newOffset) {
    RegisterState copy = new RegisterState(this);
    copy.offset = newOffset;
    return copy;
  }

  /** For a scalar: equal to all that have this id. */
  RegisterState withLink(int newId) {
    return newId == id && !linkedByAdd && offset == 0 ? this : linked(newId, false, false, 0);
  }

  /** For a scalar: at {@code delta} from {@code newId}, in 32 bits only when {@code is32}. */
  RegisterState withSum(int newId, boolean is32, int delta) {
    return linked(newId, true, is32, delta);
  }

  private RegisterState linked(int newId, boolean byAdd, boolean is32, int delta) {
    RegisterState copy = new RegisterState(this);
    copy.id = newId;
    copy.linkedByAdd = byAdd;
    copy.linked32 = is32;
    copy.offset = delta;
    return copy;
  }

  /** For a scalar: linked to nothing. */
  RegisterState unlinked() {
    return withLink(0);
  }

  RegisterState withId(int newId) {
    RegisterState copy = new RegisterState(this);
    copy.id = newId;
    return copy;
  }

  RegisterState withPacketRange(int newRange) {
    RegisterState copy = new RegisterState(this);
    copy.packetRange = newRange;
    return copy;
  }

  RegisterState withReference(int newReference) {
    RegisterState copy = new RegisterState(this);
    copy.reference = newReference;
    return copy;
  }

  RegisterState withPointee(Pointee newPointee) {
    RegisterState copy = new RegisterState(this);
    copy.pointee = newPointee;
    return copy;
  }

  /** The same pointer, which may be NULL, together with all others of {@code newId}. */
  RegisterState orNull(int newId) {
    RegisterState copy = new RegisterState(this);
    copy.nullable = true;
    copy.id = newId;
    return copy;
  }

  /** The same pointer, found not to be NULL. */
  RegisterState notNull() {
    if (kind == RegisterKind.MAP_VALUE && map().inner() != null) {
      return ofMap(RegisterKind.MAP, map().inner(), -1, id);
    }
    RegisterState copy = new RegisterState(this);
    copy.nullable = false;
    if (!mayHoldLock()) {
      copy.id = 0;
    }
    return copy;
  }

  /** The same object with other flags. */
  RegisterState withFlags(int flags) {
    return withPointee(Pointee.object(object(), flags));
  }

  /** The same pointer, taken not to be NULL. */
  RegisterState certain() {
    RegisterState copy = new RegisterState(this);
    copy.nullable = false;
    return copy;
  }

  /** Whether its id says which lock of several it leads to. */
  boolean mayHoldLock() {
    return switch (kind) {
      case MAP_VALUE ->
          map().offsetOf(SpecialField.Kind.SPIN_LOCK) >= 0
              || map().offsetOf(SpecialField.Kind.RES_SPIN_LOCK) >= 0;
      case OBJECT -> object().hasLock();
      default -> false;
    };
  }

  /** How messages say what it is: {@code packet + 14}. */
  String describe() {
    return RegisterText.of(this);
  }

  @Override
  public boolean equals(Object other) {
    return this == other || other instanceof RegisterState r && equals(r);
  }

  private boolean equals(RegisterState r) {
    return kind == r.kind
        && nullable == r.nullable
        && linkedByAdd == r.linkedByAdd
        && linked32 == r.linked32
        && offset == r.offset
        && id == r.id
        && reference == r.reference
        && packetRange == r.packetRange
        && range.equals(r.range)
        && pointee.equals(r.pointee);
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = ((kind.ordinal() * 31 + offset) * 31 + id) * 31 + range.hashCode();
    }
    return hash;
  }

  @Override
  public String toString() {
    return describe();
  }
}
