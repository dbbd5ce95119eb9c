package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.TextHelpers;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/** Whether r1 to r5 are what a helper takes, and what they say of the call. */
final class HelperArguments {
  /** {@link #constantKey} of a lookup whose key is not known. */
  static final long NO_KEY = -1;

  private final Verification v;
  private final HelperMemory memory;
  private final HelperSpec helper;

  /** The map the call is given, or null. */
  RegisterState map;

  /** The reserved memory the call gives back, or null. */
  RegisterState released;

  /** The number of bytes the call reserves. */
  int allocated;

  /** The known key of a lookup in an array, else {@link #NO_KEY}. */
  long constantKey = NO_KEY;

  /** The most that the last size argument can be. */
  long largestSize;

  /** Start of the function given as a callback, -1 for none. */
  int function = -1;

  /** Those arguments that are objects on the stack. */
  final ObjectArguments objects;

  /** Those that are objects the program allocates. */
  final AllocationArguments allocations;

  /** Those that are locks. */
  final LockArguments locks;

  /** What a cast makes of its argument, or null. */
  RegisterState cast;

  /** The socket the call is given, or null. */
  RegisterState socket;

  /** The map value with the timer or the work the call is given, or null. */
  RegisterState timer;

  private int pendingRegister = -1;
  private ArgumentKind pendingKind;

  HelperArguments(Verification v, HelperMemory memory, HelperSpec helper) {
    this.v = v;
    this.memory = memory;
    this.helper = helper;
    this.objects = new ObjectArguments(v, memory, helper);
    this.allocations = new AllocationArguments(v, memory, helper);
    this.locks = new LockArguments(v, memory, helper);
  }

  void check() throws VerifierException {
    for (int i = 0; i < helper.arguments().size(); i++) {
      ArgumentKind kind = helper.arguments().get(i);
      if (kind != ArgumentKind.NONE && kind != ArgumentKind.IGNORED) {
        check(i + 1, kind, v.read(i + 1));
      }
    }
    if (helper.id() == HelperSpec.SNPRINTF) {
      checkFormat(v.read(3), v.read(5));
    }
  }

  /** The format is constant, so it is checked once, here, against the number of arguments. */
  private void checkFormat(RegisterState format, RegisterState size) throws VerifierException {
    long bytes = size.range().bits().value();
    if (bytes % 8 != 0) {
      throw refuse(5, size, "and arguments of a text have 8 bytes each");
    }
    if (!TextHelpers.accepts(memory.string(format), (int) (bytes / 8))) {
      throw refuse(3, format, "no format for " + bytes / 8 + " arguments that Linux accepts");
    }
  }

  private void check(int register, ArgumentKind kind, RegisterState value)
      throws VerifierException {
    if (kind != ArgumentKind.ANYTHING && value.kind().isPacketOrEnd() && !helper.readsPacket()) {
      throw refuse(register, value, "and this helper takes no packet pointers");
    }
    switch (kind) {
      case NONE, IGNORED, ANYTHING -> {
        // Any initialised value will do.
      }
      case CONST_MAP -> checkMap(register, value);
      case MAP_KEY -> checkKey(register, value);
      case MAP_VALUE -> {
        MapSpec of = mapOf(register);
        if (of.type() == MapType.SOCKMAP || of.type() == MapType.SOCKHASH) {
          checkSocket(register, ArgumentKind.BTF_SOCK, value);
        } else {
          memory.check(helper, register, value, of.valueSize(), false);
        }
      }
      case UNINIT_MAP_VALUE ->
          memory.check(helper, register, value, mapOf(register).valueSize(), true);
      case READ_WRITE_MEM, READ_WRITE_MEM_OR_NULL -> {
        pendingRegister = register;
        pendingKind = kind;
      }
      case MEM, MEM_OR_NULL, UNINIT_MEM, UNINIT_MEM_OR_NULL, WRITABLE_MEM -> {
        if (mayBeNull(kind)) {
          memory.checkKindOrNull(helper, register, value);
        } else {
          memory.checkKind(helper, register, value);
        }
        pendingRegister = register;
        pendingKind = kind;
      }
      case SIZE, SIZE_OR_ZERO -> checkSize(register, kind, value);
      case CONTEXT -> checkContext(register, value);
      case ALLOC_SIZE_OR_ZERO -> checkAllocation(register, value);
      case RESERVED_MEM -> checkReserved(register, value);
      case FUNCTION -> checkFunction(register, value);
      case SPIN_LOCK, RES_SPIN_LOCK, HELD_RES_SPIN_LOCK -> locks.check(register, kind, value);
      case TIMER -> checkTimer(register, value, SpecialField.Kind.TIMER, "a timer");
      case WORK_QUEUE -> checkTimer(register, value, SpecialField.Kind.WORK_QUEUE, "work");
      case STACK_OR_NULL -> {
        if (!value.isNull() && value.kind() != RegisterKind.STACK) {
          throw refuse(register, value, "not a pointer to the stack or NULL");
        }
      }
      case SOCK, BTF_SOCK, RELEASED_SOCK -> checkSocket(register, kind, value);
      case CONST_STRING -> memory.checkString(helper, register, value);
      case UNINIT_LONG, INT_IN_OUT, IPV4_HEADER, IPV6_HEADER, TCP_HEADER ->
          memory.checkFixed(helper, register, value, kind);
      case SCALAR -> {
        if (!value.isScalar()) {
          throw refuse(register, value, "not a number");
        }
      }
      case MEM_2 -> memory.checkReadWrite(helper, register, value, 2);
      case MEM_4 -> memory.checkReadWrite(helper, register, value, 4);
      case MEM_8 -> memory.checkReadWrite(helper, register, value, 8);
      case MEM_16 -> memory.checkReadWrite(helper, register, value, 16);
      case MEM_64 -> memory.checkReadWrite(helper, register, value, 64);
      case CONNECTION,
          NEW_CONNECTION,
          RELEASED_NEW_CONNECTION,
          RELEASED_CONNECTION,
          RELEASED_TRANSFORM,
          TASK,
          RELEASED_TASK,
          CGROUP,
          RELEASED_CGROUP,
          RELEASED_KEY,
          CIPHER ->
          checkKernelObject(register, kind, value);
      case LOCAL_MEM -> {
        if (value.kind() != RegisterKind.MAP_VALUE) {
          throw refuse(register, value, "and a dynptr can only be made to a map value");
        }
        memory.checkKind(helper, register, value);
        pendingRegister = register;
        pendingKind = kind;
      }
      case OPTIONAL_BUFFER -> {
        pendingRegister = register;
        pendingKind = kind;
      }
      case CONST_SIZE -> checkConstantSize(register, value);
      case KERNEL_TYPE_ID -> checkCast(register, value);
      case DYNPTR_OR_NULL -> {
        if (!value.isNull()) {
          objects.check(register, ArgumentKind.DYNPTR, value);
        }
      }
      case DYNPTR,
          NEW_LOCAL_DYNPTR,
          NEW_RINGBUF_DYNPTR,
          NEW_PACKET_DYNPTR,
          NEW_DYNPTR_CLONE,
          RELEASED_DYNPTR,
          NEW_ITERATOR,
          ITERATOR,
          DESTROYED_ITERATOR,
          NEW_BITS_ITERATOR,
          BITS_ITERATOR,
          DESTROYED_BITS_ITERATOR,
          NEW_IRQ_FLAG,
          IRQ_FLAG,
          NEW_LOCK_IRQ_FLAG,
          LOCK_IRQ_FLAG ->
          objects.check(register, kind, value);
      case TYPE_ID,
          DROPPED_OBJECT,
          DROPPED_PERCPU_OBJECT,
          REFCOUNTED_OBJECT,
          LIST_HEAD,
          LIST_NODE,
          RB_ROOT,
          RB_NODE,
          LENT_RB_NODE,
          KPTR_FIELD,
          GIVEN_OBJECT_OR_NULL,
          PERCPU_OBJECT ->
          allocations.check(register, kind, value);
    }
  }

  private VerifierException refuse(int register, RegisterState value, String reason) {
    return memory.refuse(helper, register, value, reason);
  }

  private void checkMap(int register, RegisterState value) throws VerifierException {
    if (value.kind() != RegisterKind.MAP || value.nullable()) {
      throw refuse(register, value, "not a map");
    }
    MapType type = value.map().type();
    if (!helper.mapTypes().isEmpty() && !helper.mapTypes().contains(type)) {
      throw refuse(register, value, "of type " + type + ", which this helper does not work on");
    }
    if (changesMap() && (value.map().flags() & MapSpec.F_RDONLY_PROG) != 0) {
      throw refuse(register, value, "which programs may only read");
    }
    if (timer != null && (timer.map() != value.map() || timer.mapId() != value.mapId())) {
      throw refuse(register, value, "not the map that r1 points into");
    }
    map = value;
  }

  private boolean changesMap() {
    return switch (helper.id()) {
      case HelperSpec.MAP_UPDATE_ELEM,
          HelperSpec.MAP_DELETE_ELEM,
          HelperSpec.MAP_PUSH_ELEM,
          HelperSpec.MAP_POP_ELEM ->
          true;
      default -> false;
    };
  }

  private void checkTimer(int register, RegisterState value, SpecialField.Kind kind, String what)
      throws VerifierException {
    locks.checkField(register, value, kind, what);
    timer = value;
  }

  private MapSpec mapOf(int register) throws VerifierException {
    if (map == null) {
      throw v.refuse("r" + register + " depends on a map, but none was given before it");
    }
    return map.map();
  }

  private void checkKey(int register, RegisterState value) throws VerifierException {
    MapSpec spec = mapOf(register);
    memory.check(helper, register, value, spec.keySize(), false);
    if (spec.type() == MapType.ARRAY || spec.type() == MapType.PERCPU_ARRAY) {
      constantKey = constantKey(value, spec.keySize());
    }
  }

  /** The key on the stack, if it is known. */
  private long constantKey(RegisterState key, int size) {
    if (key.kind() != RegisterKind.STACK || !key.hasFixedOffset()) {
      return NO_KEY;
    }
    Frame frame = v.state.frames[key.frame()];
    int at = (int) key.fixedOffset();
    boolean zero = true;
    for (int i = at; i < at + size && i < 0; i++) {
      zero &= frame.kind(i) == Frame.ZERO;
    }
    if (zero) {
      return 0;
    }
    int slot = Frame.slotOf(at);
    RegisterState spilled = frame.spilled(slot);
    boolean known =
        spilled != null
            && spilled.isScalar()
            && at % 8 == 0
            && frame.spilledBytes(slot) == size
            && spilled.range().isConstant();
    if (!known) {
      return NO_KEY;
    }
    v.precision.requireSlot(key.frame(), slot);
    return spilled.range().truncated(size).value();
  }

  private void checkSize(int register, ArgumentKind kind, RegisterState value)
      throws VerifierException {
    if (!value.isScalar()) {
      throw refuse(register, value, "not a number of bytes");
    }
    ScalarRange size = value.range();
    if (size.smin() < 0) {
      throw memory.refuse(
          Cause.UNBOUNDED_INDEX, helper, register, value, "and a size must not be negative");
    }
    if (size.umin() == 0 && kind == ArgumentKind.SIZE) {
      throw refuse(register, value, "and this size must not be 0");
    }
    if (size.umax() >= VerifierLimits.VARIABLE_SIZE) {
      throw memory.refuse(
          Cause.UNBOUNDED_INDEX,
          helper,
          register,
          value,
          "and a size needs an upper bound; check it first");
    }
    largestSize = size.umax();
    RegisterState pointer = v.read(pendingRegister);
    boolean absent = pointer.isNull() && mayBeNull(pendingKind);
    if (pendingKind == ArgumentKind.READ_WRITE_MEM
        || pendingKind == ArgumentKind.READ_WRITE_MEM_OR_NULL) {
      checkReadWrite(pointer, size, absent);
    } else if (!absent) {
      memory.checkSized(helper, pendingRegister, pointer, size, isWritten(pendingKind));
    } else if (size.umax() != 0) {
      throw refuse(register, value, "but the memory it is the size of is NULL");
    }
    v.precision.require(register);
  }

  /** What a kernel function is given with its size is read and written, as far as Linux knows. */
  private void checkReadWrite(RegisterState pointer, ScalarRange size, boolean absent)
      throws VerifierException {
    if (absent && size.umax() == 0) {
      return;
    }
    boolean nullable = pendingKind == ArgumentKind.READ_WRITE_MEM_OR_NULL;
    RegisterState present = nullable ? pointer.certain() : pointer;
    memory.checkKind(helper, pendingRegister, present);
    memory.checkSized(helper, pendingRegister, present, size, false);
    memory.checkSized(helper, pendingRegister, present, size, true);
  }

  private static boolean mayBeNull(ArgumentKind kind) {
    return kind == ArgumentKind.MEM_OR_NULL
        || kind == ArgumentKind.UNINIT_MEM_OR_NULL
        || kind == ArgumentKind.READ_WRITE_MEM_OR_NULL;
  }

  private static boolean isWritten(ArgumentKind kind) {
    return kind == ArgumentKind.UNINIT_MEM
        || kind == ArgumentKind.UNINIT_MEM_OR_NULL
        || kind == ArgumentKind.WRITABLE_MEM
        || kind == ArgumentKind.LOCAL_MEM;
  }

  /** The size of a buffer that may be missing; both are taken to be read and written. */
  private void checkConstantSize(int register, RegisterState value) throws VerifierException {
    if (!value.isScalar() || !value.range().isConstant()) {
      throw refuse(register, value, "and this size must be a constant");
    }
    long size = value.range().value();
    RegisterState buffer = v.read(pendingRegister);
    if (!buffer.isNull()) {
      if (size < 0 || size >= VerifierLimits.VARIABLE_SIZE) {
        throw refuse(register, value, "no size that memory has");
      }
      memory.checkReadWrite(helper, pendingRegister, buffer.certain(), size);
    }
    // What no memory is as large as is never found at run time either.
    allocated = (int) Math.min(size & 0xffffffffL, Integer.MAX_VALUE);
    v.precision.require(register);
  }

  private void checkContext(int register, RegisterState value) throws VerifierException {
    if (value.kind() != RegisterKind.CONTEXT) {
      throw refuse(register, value, "not the context");
    }
    if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
      throw refuse(register, value, "not the context as the program was given it");
    }
  }

  private void checkAllocation(int register, RegisterState value) throws VerifierException {
    if (!value.isScalar() || !value.range().isConstant()) {
      throw refuse(register, value, "and the size to reserve must be a constant");
    }
    // Linux takes 32 bits as the size; what does not fit a ring buffer is never reserved.
    allocated = (int) Math.min(value.range().value() & 0xFFFFFFFFL, Integer.MAX_VALUE);
    v.precision.require(register);
  }

  private void checkReserved(int register, RegisterState value) throws VerifierException {
    boolean reserved =
        value.kind() == RegisterKind.MEMORY
            && value.has(RegisterState.RESERVED)
            && value.reference() != 0;
    if (!reserved || value.nullable()) {
      throw refuse(register, value, "not a record that bpf_ringbuf_reserve gave");
    }
    if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
      throw refuse(register, value, "not the start of the record");
    }
    released = value;
  }

  private void checkSocket(int register, ArgumentKind kind, RegisterState value)
      throws VerifierException {
    boolean structure =
        value.kind() == RegisterKind.KERNEL_STRUCT
            && Helpers.isSocket(value.object().name())
            && !value.has(RegisterState.UNTRUSTED)
            && kind != ArgumentKind.SOCK;
    if (!value.kind().isSocket() && !structure) {
      throw refuse(register, value, "not a socket");
    }
    if (value.nullable()) {
      throw memory.refuse(
          Cause.NULL_NOT_CHECKED, helper, register, value, "and must be compared with NULL first");
    }
    if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
      throw refuse(register, value, "not the start of the socket");
    }
    if (kind == ArgumentKind.RELEASED_SOCK) {
      if (value.reference() == 0) {
        throw refuse(register, value, "which was given back already or never acquired");
      }
      released = value;
    }
    socket = value;
  }

  private void checkKernelObject(int register, ArgumentKind kind, RegisterState value)
      throws VerifierException {
    if (!value.isKernelObject(kind.object())) {
      throw refuse(register, value, "not a struct " + kind.object().struct() + " of the kernel's");
    }
    if (value.nullable()) {
      throw memory.refuse(
          Cause.NULL_NOT_CHECKED, helper, register, value, "and must be compared with NULL first");
    }
    if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
      throw refuse(register, value, "not the start of the structure");
    }
    boolean valid = value.has(RegisterState.TRUSTED) || value.has(RegisterState.RCU);
    if (value.reference() == 0 && (!valid || kind.releases())) {
      throw refuse(register, value, "which the program holds no reference to");
    }
    if (kind.releases()) {
      released = value;
    }
  }

  /** What a pointer, or any number, is taken for. */
  private void checkCast(int register, RegisterState value) throws VerifierException {
    if (!value.isScalar() || !value.range().isConstant()) {
      throw refuse(register, value, "and the type's id must be a constant");
    }
    v.precision.require(register);
    Btf types = v.program.kernel();
    int id = (int) value.range().value();
    if (!types.contains(id)) {
      throw refuse(register, value, "no id of a type that the kernel has");
    }
    if (id == 0) {
      cast = RegisterState.anyMemory();
    } else if (types.type(id) instanceof BtfType.Composite) {
      RegisterState from = v.state.registers()[1];
      boolean here = from.kind() == RegisterKind.CONTEXT || from.has(RegisterState.SHOWN);
      int shown = here ? KernelStructs.shown(types.type(id).name()) : 0;
      cast =
          RegisterState.kernelStruct(
              KernelStructs.type(types, id), RegisterState.UNTRUSTED | shown);
    } else {
      throw refuse(register, value, "the id of a type that is neither a struct nor void");
    }
  }

  private void checkFunction(int register, RegisterState value) throws VerifierException {
    boolean start = value.hasFixedOffset() && value.fixedOffset() == 0;
    if (value.kind() != RegisterKind.FUNCTION || !start) {
      throw refuse(register, value, "not a function");
    }
    function = value.size();
  }
}
