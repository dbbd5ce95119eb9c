package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfExt;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * CO-RE relocations, resolved against a kernel's types or else the object's own: instructions get
 * the offsets, sizes, ids and values that these types have.
 */
final class CoreRelocator {
  private static final int SIZE_BITS = 0x18;

  private final Btf btf;
  private final Btf target;
  private final CoreMatcher matcher;

  /**
   * For an object with these types.
   *
   * @param kernel types of the kernel that it is for; {@link Btf#EMPTY} when none are known
   */
  CoreRelocator(Btf btf, Btf kernel) {
    this.btf = btf;
    this.target = kernel == Btf.EMPTY ? btf : kernel;
    this.matcher = new CoreMatcher(btf, target);
  }

  /** Patches the instruction at {@code slot} of {@code slots}. */
  void apply(BtfExt.CoreRelocation relocation, Instruction[] slots, int slot) throws LinkException {
    CoreKind kind = CoreKind.of(relocation.kind());
    CoreSpec local = CoreSpec.parse(btf, relocation, kind);
    CoreValue value = value(matcher.match(local, kind), local, kind);
    CoreValue known =
        kind.isCertain() ? CoreValue.of(btf, local, kind) : new CoreValue(0, 0, false, false);
    if (value != null) {
      patch(slots, slot, known, value);
    } else if (kind.isAnsweredByAbsence()) {
      patch(slots, slot, known, new CoreValue(0, 0, false, false));
    } else {
      poison(slots, slot);
    }
  }

  /**
   * What all of {@code meant} say, or null when there are none. They must say the same; where types
   * differ in what the instruction does not get, the first one's stand.
   */
  private CoreValue value(List<CoreSpec> meant, CoreSpec local, CoreKind kind)
      throws LinkException {
    CoreValue value = null;
    for (CoreSpec spec : meant) {
      CoreValue another = CoreValue.of(target, spec, kind);
      if (value == null) {
        value = another;
      } else if (spec.bitOffset() != meant.getFirst().bitOffset()
          || another.number() != value.number()) {
        throw new LinkException(
            "a CO-RE relocation of '%s', which is several types in the kernel, and they differ"
                .formatted(btf.type(local.root()).name()));
      }
    }
    return value;
  }

  private static void poison(Instruction[] slots, int slot) {
    Instruction poison = new Instruction(Opcode.JMP | Opcode.CALL, 0, 0, 0, Helpers.MISSING_TARGET);
    if (slots[slot].isWide() && slot + 1 < slots.length) {
      slots[slot + 1] = poison;
    }
    slots[slot] = poison;
  }

  private static void patch(Instruction[] slots, int slot, CoreValue known, CoreValue value)
      throws LinkException {
    Instruction instruction = slots[slot];
    switch (instruction.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> {
        if ((instruction.opcode() & Opcode.X) != 0) {
          throw unexpected(instruction);
        }
        check(known, instruction.imm(), (int) known.number());
        slots[slot] = instruction.withImm((int) value.number());
      }
      case Opcode.LDX, Opcode.ST, Opcode.STX -> {
        check(known, instruction.offset(), known.number());
        access(slots, slot, known, value);
      }
      default -> patchWide(slots, slot, known, value);
    }
  }

  private static void patchWide(Instruction[] slots, int slot, CoreValue known, CoreValue value)
      throws LinkException {
    Instruction instruction = slots[slot];
    if (!instruction.isWide() || instruction.src() != 0 || slot + 1 >= slots.length) {
      throw unexpected(instruction);
    }
    long constant =
        Integer.toUnsignedLong(instruction.imm()) | (long) slots[slot + 1].imm() << Integer.SIZE;
    check(known, constant, known.number());
    slots[slot] = instruction.withImm((int) value.number());
    slots[slot + 1] = slots[slot + 1].withImm((int) (value.number() >> Integer.SIZE));
  }

  /**
   * A load or store follows its field in offset and size. One of another size that would not read
   * the field's value is poisoned, so that the program is refused only when it is reached.
   */
  private static void access(Instruction[] slots, int slot, CoreValue known, CoreValue value)
      throws LinkException {
    Instruction instruction = slots[slot];
    if (value.number() < 0 || value.number() > Short.MAX_VALUE) {
      throw new LinkException(
          "a CO-RE relocation to offset %d, which no instruction reaches"
              .formatted(value.number()));
    }
    int opcode = instruction.opcode();
    if (known.size() != value.size()) {
      if (!known.resizable() || !value.resizable()) {
        poison(slots, slot);
        return;
      }
      if ((opcode & SIZE_BITS) != sizeBits(known.size())) {
        throw new LinkException(
            "a CO-RE relocation of a field of %d bytes by an access of another size"
                .formatted(known.size()));
      }
      opcode = opcode & ~SIZE_BITS | sizeBits(value.size());
    }
    slots[slot] =
        new Instruction(
            opcode, instruction.dst(), instruction.src(), (int) value.number(), instruction.imm());
  }

  private static int sizeBits(int bytes) throws LinkException {
    return switch (bytes) {
      case 1 -> Opcode.B;
      case 2 -> Opcode.H;
      case 4 -> Opcode.W;
      case 8 -> Opcode.DW;
      default ->
          throw new LinkException("a CO-RE relocation of a field of %d bytes".formatted(bytes));
    };
  }

  private static void check(CoreValue known, long found, long expected) throws LinkException {
    if (known.certain() && found != expected) {
      throw new LinkException(
          "a CO-RE relocation where %d stands and the types say %d".formatted(found, expected));
    }
  }

  private static LinkException unexpected(Instruction instruction) {
    return new LinkException(
        "instruction 0x%02x takes no CO-RE relocation".formatted(instruction.opcode()));
  }
}
