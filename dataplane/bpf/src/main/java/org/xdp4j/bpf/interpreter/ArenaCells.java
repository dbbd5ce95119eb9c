package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.CMPXCHG;
import static org.xdp4j.bpf.isa.Opcode.FETCH;
import static org.xdp4j.bpf.isa.Opcode.LOAD_ACQ;
import static org.xdp4j.bpf.isa.Opcode.STORE_REL;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;

/** Loads, stores and atomic operations in an arena, which need no check: it makes its own. */
final class ArenaCells {
  private ArenaCells() {}

  static long load(ArenaMap arena, Instruction instruction, long pointer) {
    int offset = instruction.offset();
    long value =
        switch (instruction.accessSize()) {
          case 1 -> arena.loadByte(pointer, offset);
          case 2 -> arena.loadShort(pointer, offset);
          case 4 -> arena.loadInt(pointer, offset);
          default -> arena.loadLong(pointer, offset);
        };
    int unused = Long.SIZE - Byte.SIZE * instruction.accessSize();
    return instruction.mode() == Opcode.MEMSX ? value << unused >> unused : value;
  }

  static void store(ArenaMap arena, Instruction instruction, long pointer, long value) {
    int offset = instruction.offset();
    switch (instruction.accessSize()) {
      case 1 -> arena.storeByte(pointer, offset, value);
      case 2 -> arena.storeShort(pointer, offset, value);
      case 4 -> arena.storeInt(pointer, offset, value);
      default -> arena.storeLong(pointer, offset, value);
    }
  }

  /** An atomic operation; where nothing is, {@link ArenaMap#atomicPlace nothing happens}. */
  static void operate(
      ArenaMap arena, AtomicCells atomics, Instruction instruction, long[] registers) {
    int size = instruction.accessSize();
    boolean load = instruction.imm() == LOAD_ACQ;
    long pointer = registers[load ? instruction.src() : instruction.dst()];
    long place = arena.atomicPlace(pointer, instruction.offset(), size);
    if (place < 0) {
      int register = instruction.atomicResult();
      if (register >= 0) {
        registers[register] = ArenaMap.untouched(registers[register], size);
      }
      return;
    }
    long operand = registers[instruction.src()];
    if (load) {
      registers[instruction.dst()] = atomics.loadAcquire(size, place);
    } else if (instruction.imm() == STORE_REL) {
      atomics.storeRelease(size, place, operand);
    } else {
      long old = atomics.operate(instruction.imm(), size, place, operand, registers[0]);
      if (instruction.imm() == CMPXCHG) {
        registers[0] = old;
      } else if ((instruction.imm() & FETCH) != 0) {
        registers[instruction.src()] = old;
      }
    }
  }
}
