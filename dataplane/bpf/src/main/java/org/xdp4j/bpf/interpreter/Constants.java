package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;

/** What the 64-bit constants of a program stand for (RFC 9669, section 5.4). */
final class Constants {
  private Constants() {}

  /**
   * The value of the LDDW at {@code index}, or null when it names something that is not there.
   *
   * @param maps by the index that instructions use
   */
  static Long resolve(List<Instruction> program, int index, List<BpfMap> maps, Region region) {
    Instruction instruction = program.get(index);
    return switch (instruction.src()) {
      case 0 -> Instructions.wideImmediate(program, index);
      case PSEUDO_FUNC -> (long) Instructions.callTarget(program, index);
      case PSEUDO_MAP_IDX -> {
        BpfMap map = map(maps, instruction.imm());
        yield map == null ? null : Long.valueOf(map.address());
      }
      case PSEUDO_MAP_IDX_VALUE -> {
        BpfMap map = map(maps, instruction.imm());
        yield map == null ? null : value(map, program.get(index + 1).imm(), region);
      }
      // A kernel function's address, of which a program can only ask whether it is 0.
      case PSEUDO_BTF_ID -> (long) instruction.imm();
      default -> null;
    };
  }

  private static BpfMap map(List<BpfMap> maps, int index) {
    return index >= 0 && index < maps.size() ? maps.get(index) : null;
  }

  /** Only an array's first value and an arena have an address that is known beforehand. */
  private static Long value(BpfMap map, int offset, Region region) {
    if (map instanceof ArenaMap arena) {
      return arena.userStart() + (offset & 0xffffffffL);
    }
    if (map.spec().keySize() != Integer.BYTES) {
      return null;
    }
    long key = region.allocate(Integer.BYTES, Integer.BYTES);
    try {
      long address = map.lookup(key, 0);
      return address == 0 ? null : Long.valueOf(address + (offset & 0xffffffffL));
    } finally {
      region.free(key, Integer.BYTES);
    }
  }
}
