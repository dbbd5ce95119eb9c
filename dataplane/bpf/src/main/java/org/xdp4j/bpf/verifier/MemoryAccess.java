package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.SpecialField;

/** Loads, stores and atomic operations: what they may touch, and what a load brings. */
final class MemoryAccess {
  private final Verification v;
  private final StackAccess stack;
  private final ContextAccess context;
  private final SocketAccess sockets;
  private final MemoryBounds bounds;
  private final ObjectAccess objects;
  private final KernelStructs kernel;

  MemoryAccess(Verification v, MemoryBounds bounds) {
    this.v = v;
    this.stack = new StackAccess(v);
    this.context = new ContextAccess(v);
    this.sockets = new SocketAccess(v);
    this.bounds = bounds;
    this.objects = new ObjectAccess(v);
    this.kernel = new KernelStructs(v);
  }

  void load(Instruction instruction) throws VerifierException {
    boolean signed = instruction.mode() == Opcode.MEMSX;
    RegisterState value = v.read(instruction.src());
    int size = instruction.accessSize();
    SpecialField field = ObjectAccess.pointerAt(value, instruction.offset(), size);
    if (field != null && !value.nullable() && !signed) {
      note(instruction.src(), value, instruction.offset(), size);
      v.write(
          instruction.dst(),
          objects.loadPointer(instruction.src(), value, field, instruction.offset(), size));
      return;
    }
    v.write(
        instruction.dst(),
        read(instruction.src(), instruction.offset(), instruction.accessSize(), signed));
  }

  /** A store of a register, or of the immediate when the class is ST. */
  void store(Instruction instruction) throws VerifierException {
    int size = instruction.accessSize();
    if (storesPointer(instruction, size)) {
      return;
    }
    if (instruction.instructionClass() == Opcode.ST) {
      RegisterState constant = RegisterState.constant(instruction.imm());
      write(instruction.dst(), instruction.offset(), size, constant, -1);
    } else {
      RegisterState value = v.read(instruction.src());
      write(instruction.dst(), instruction.offset(), size, value, instruction.src());
    }
  }

  /** Whether the store was one to a pointer in a map value, and is done. */
  private boolean storesPointer(Instruction instruction, int size) throws VerifierException {
    RegisterState place = v.read(instruction.dst());
    SpecialField field = ObjectAccess.pointerAt(place, instruction.offset(), size);
    if (field == null || place.nullable()) {
      return false;
    }
    boolean constant = instruction.instructionClass() == Opcode.ST;
    RegisterState stored =
        constant ? RegisterState.constant(instruction.imm()) : v.read(instruction.src());
    note(instruction.dst(), place, instruction.offset(), size);
    objects.storePointer(
        instruction.dst(),
        place,
        field,
        instruction.offset(),
        size,
        stored,
        constant ? -1 : instruction.src());
    return true;
  }

  void atomic(Instruction instruction) throws VerifierException {
    int size = instruction.accessSize();
    if (instruction.imm() == Opcode.LOAD_ACQ) {
      checkAtomicTarget(instruction.src(), instruction.offset(), size);
      v.write(instruction.dst(), read(instruction.src(), instruction.offset(), size, false));
      return;
    }
    RegisterState operand = v.read(instruction.src());
    checkAtomicTarget(instruction.dst(), instruction.offset(), size);
    if (instruction.imm() == Opcode.STORE_REL) {
      write(instruction.dst(), instruction.offset(), size, operand, instruction.src());
      return;
    }
    if (instruction.imm() == Opcode.CMPXCHG) {
      v.read(0);
    }
    RegisterState before = read(instruction.dst(), instruction.offset(), size, false);
    write(instruction.dst(), instruction.offset(), size, null, -1);
    if (instruction.imm() == Opcode.CMPXCHG) {
      v.write(0, before);
    } else if ((instruction.imm() & Opcode.FETCH) != 0) {
      v.write(instruction.src(), before);
    }
  }

  private void checkAtomicTarget(int register, int offset, int size) throws VerifierException {
    RegisterState pointer = v.read(register);
    RegisterKind kind = pointer.kind();
    if (kind == RegisterKind.CONTEXT || kind.isPacketOrEnd() || kind.isSocket()) {
      throw v.refuse(
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", where Linux allows no atomic operation; use a map value or the stack");
    }
    if (kind == RegisterKind.ARENA) {
      return;
    }
    if (pointer.isPointer()
        && !pointer
            .range()
            .bits()
            .plus(Tnum.constant((long) pointer.offset() + offset))
            .isAligned(size)) {
      throw v.refuse(
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", and an atomic operation of "
              + size
              + (size == 1 ? " byte at offset " : " bytes at offset ")
              + offset
              + " from it is not aligned");
    }
  }

  private RegisterState read(int register, int offset, int size, boolean signed)
      throws VerifierException {
    RegisterState pointer = v.read(register);
    bounds.checkDereference(register, pointer);
    note(register, pointer, offset, size);
    switch (pointer.kind()) {
      case STACK -> {
        return stack.load(register, pointer, offset, size, signed);
      }
      case CONTEXT -> {
        return context.load(register, pointer, offset, size, signed);
      }
      case ARENA -> {
        return unknown(size, signed);
      }
      case OBJECT -> {
        return objects.load(register, pointer, offset, size, signed);
      }
      case SOCKET, SOCK_COMMON -> {
        return sockets.load(register, pointer, offset, size, signed);
      }
      case KERNEL_STRUCT -> {
        return kernel.load(register, pointer, offset, size, signed);
      }
      default -> bounds.check(register, pointer, offset, size, false);
    }
    RegisterState constant = constantAt(pointer, offset, size, signed);
    return constant != null ? constant : unknown(size, signed);
  }

  /** A number that was loaded, of which nothing else is known. */
  static RegisterState unknown(int size, boolean signed) {
    return RegisterState.scalar(
        signed ? ScalarRange.UNKNOWN.signExtended(size * 8) : ScalarRange.unsigned(size));
  }

  private void write(int register, int offset, int size, RegisterState value, int valueRegister)
      throws VerifierException {
    RegisterState pointer = v.read(register);
    bounds.checkDereference(register, pointer);
    note(register, pointer, offset, size);
    switch (pointer.kind()) {
      case STACK -> stack.store(register, pointer, offset, size, value, valueRegister);
      case OBJECT -> objects.check(register, pointer, offset, size, true);
      case KERNEL_STRUCT -> kernel.checkStore(register, pointer, offset, size);
      case ARENA -> {
        // Where nothing is the store has no effect.
      }
      case CONTEXT ->
          throw v.refuse(
              Cause.CONTEXT_ACCESS,
              register,
              "r"
                  + register
                  + " is "
                  + pointer.describe()
                  + "; fields of struct xdp_md cannot be written");
      default -> bounds.check(register, pointer, offset, size, true);
    }
  }

  private void note(int register, RegisterState pointer, int offset, int size)
      throws VerifierException {
    MemoryKind kind =
        switch (pointer.kind()) {
          case CONTEXT -> MemoryKind.CONTEXT;
          case STACK -> MemoryKind.STACK;
          case PACKET, PACKET_META -> MemoryKind.PACKET;
          case MAP_VALUE -> MemoryKind.MAP_VALUE;
          case ARENA -> MemoryKind.ARENA;
          case KERNEL_STRUCT -> MemoryKind.PROBED;
          default -> pointer.isAnyMemory() ? MemoryKind.PROBED : MemoryKind.MEMORY;
        };
    if (kind == MemoryKind.ARENA) {
      v.arenas.access();
    }
    boolean known =
        kind == MemoryKind.CONTEXT
            || pointer.kind() == RegisterKind.PACKET
            || kind == MemoryKind.STACK && pointer.frame() == v.state.depth - 1;
    long at = pointer.hasFixedOffset() ? pointer.fixedOffset() + offset : Long.MIN_VALUE;
    int place = known && at == (int) at ? (int) at : VerifiedProgram.UNKNOWN_OFFSET;
    if (!v.facts.access(v.index, kind, place)) {
      throw v.refuse(
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", but on another path this instruction meets another kind of pointer; one"
              + " instruction cannot access both the context and other memory, nor both an arena"
              + " and other memory");
    }
  }

  /** The number that read-only, frozen map data holds there, or null. */
  private RegisterState constantAt(RegisterState pointer, int offset, int size, boolean signed) {
    MapSpec map = pointer.map();
    if (pointer.kind() != RegisterKind.MAP_VALUE || !isConstantData(map)) {
      return null;
    }
    if (!pointer.hasFixedOffset()) {
      return null;
    }
    int at = (int) (pointer.fixedOffset() + offset);
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      int octet = at + i < map.data().length ? map.data()[at + i] & 0xff : 0;
      value = value << 8 | octet;
    }
    int shift = 64 - size * 8;
    return RegisterState.constant(signed ? value << shift >> shift : value);
  }

  private static boolean isConstantData(MapSpec map) {
    return map.data() != null
        && map.frozen()
        && (map.flags() & MapSpec.F_RDONLY_PROG) != 0
        && map.type() == MapType.ARRAY
        && map.maxEntries() == 1;
  }
}
