package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.Subprogram;

/** The 64-bit constants of LDDW: numbers, maps, map values, functions. */
final class ConstantLoad {
  private final Verification v;

  ConstantLoad(Verification v) {
    this.v = v;
  }

  void execute(Instruction instruction) throws VerifierException {
    RegisterState value =
        switch (instruction.src()) {
          case 0 ->
              RegisterState.constant(Instructions.wideImmediate(v.program.instructions(), v.index));
          case Opcode.PSEUDO_MAP_IDX ->
              RegisterState.ofMap(RegisterKind.MAP, map(instruction.imm()), instruction.imm(), 0);
          case Opcode.PSEUDO_MAP_IDX_VALUE -> value(instruction);
          case Opcode.PSEUDO_FUNC -> function(v.index + 1 + instruction.imm());
          case Opcode.PSEUDO_BTF_ID -> kernelFunction(instruction.imm());
          default -> throw refuse("a map is given by file descriptor, which means nothing here");
        };
    v.write(instruction.dst(), value);
  }

  /** Linux checks a callback's types, and does not let one be a global function. */
  private RegisterState function(int start) throws VerifierException {
    Subprogram subprogram = v.flow.subprogram(start);
    if (subprogram == null || subprogram.btfFunc() == 0) {
      throw refuse(
          "a callback's types are missing: compile with -g so that the object describes "
              + v.flow.name(start));
    }
    if (subprogram.global()) {
      throw refuse(v.flow.name(start) + " is a global function; a callback must be static");
    }
    return RegisterState.function(start);
  }

  /** Where a kernel function is, which serves to ask whether there is one. */
  private RegisterState kernelFunction(int number) throws VerifierException {
    if (Kfuncs.byNumber(number).isEmpty()) {
      throw refuse("kernel variables (ksyms) are not there outside the kernel");
    }
    return RegisterState.memory(0, RegisterState.READ_ONLY, 0);
  }

  private MapSpec map(int index) throws VerifierException {
    if (index < 0 || index >= v.maps.size()) {
      throw refuse("the object has no map " + index);
    }
    MapSpec map = v.maps.get(index);
    if (map.problem() != null) {
      throw refuse("map '" + map.name() + "' cannot be made: " + map.problem());
    }
    if (map.keySize() < 0 || map.valueSize() < 0) {
      throw refuse("map '" + map.name() + "' has keys or values of 2 GiB or more");
    }
    if (map.type() == null) {
      throw refuse("map '" + map.name() + "' is of unknown type " + map.typeId());
    }
    return map;
  }

  private RegisterState value(Instruction instruction) throws VerifierException {
    MapSpec map = map(instruction.imm());
    int offset = v.instruction(v.index + 1).imm();
    if (map.type() == MapType.ARENA) {
      return arenaAddress(map, offset);
    }
    if (map.type() != MapType.ARRAY || map.maxEntries() != 1) {
      throw refuse(
          "the address of a value of map '"
              + map.name()
              + "' is taken, but only an array of one entry has a value at a known address");
    }
    if (Integer.compareUnsigned(offset, map.valueSize()) >= 0) {
      throw refuse(
          "offset "
              + Integer.toUnsignedString(offset)
              + " is beyond the "
              + map.valueSize()
              + " bytes of map '"
              + map.name()
              + "'");
    }
    return RegisterState.ofMap(RegisterKind.MAP_VALUE, map, instruction.imm(), 0)
        .withOffset(offset);
  }

  /** Where user space has a byte of an arena: a number, until it is cast. */
  private RegisterState arenaAddress(MapSpec map, int offset) throws VerifierException {
    long size = Integer.toUnsignedLong(map.maxEntries()) * ArenaMap.PAGE;
    if (Integer.toUnsignedLong(offset) > size) {
      throw refuse(
          "offset "
              + Integer.toUnsignedString(offset)
              + " is beyond the "
              + size
              + " bytes of arena '"
              + map.name()
              + "'");
    }
    return RegisterState.UNKNOWN;
  }

  private VerifierException refuse(String reason) {
    return v.refuse(Cause.CONSTANT, -1, reason);
  }
}
