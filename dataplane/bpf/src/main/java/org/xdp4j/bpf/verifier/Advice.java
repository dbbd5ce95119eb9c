package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** One sentence of what would make a refused program pass. */
final class Advice {
  private Advice() {}

  /**
   * For an instruction that is refused.
   *
   * @param value the register at fault, or null
   */
  static String of(Cause cause, Instruction instruction, RegisterState value) {
    return switch (cause) {
      case PACKET_BOUNDS -> value == null ? of(cause) : packet(instruction, value);
      case MEMORY_BOUNDS, UNBOUNDED_INDEX ->
          value == null ? of(cause) : memory(cause, instruction, value);
      case STACK_BOUNDS -> value == null ? of(cause) : stack(instruction, value);
      case NOT_A_POINTER ->
          value != null && value.isScalar() && value.range().isConstant()
              ? "a constant is no address a program may use: take the pointer from the context, a"
                  + " map or the stack"
              : of(cause);
      case UNINITIALISED_REGISTER ->
          instruction.isSubprogramCall()
              ? "clang passes nothing for a parameter that the function does not use: use it there,"
                  + " or make the function static"
              : of(cause);
      default -> of(cause);
    };
  }

  /** For a class of mistakes, or null where there is nothing to say but the reason. */
  static String of(Cause cause) {
    return switch (cause) {
      case PACKET_BOUNDS -> "compare the pointer with data_end before this access";
      case PACKET_POINTER_LOST ->
          "behind the call, load data and data_end from the context again, compute the pointer from"
              + " them and repeat the bounds check";
      case USE_AFTER_RELEASE ->
          "use it before that call, or copy what is needed later to a variable first: what was"
              + " given back may be another's by then";
      case NULL_NOT_CHECKED ->
          "compare the pointer with NULL, and leave when it is, before anything else is done with"
              + " it";
      case MEMORY_BOUNDS -> "keep offset plus size of the access within the memory";
      case UNBOUNDED_INDEX ->
          "give it bounds right before its use: compare it with a constant and leave when it is"
              + " beyond, or mask it (index &= size - 1)";
      case STACK_BOUNDS ->
          "stay within the 512 bytes of the frame: check the index, or move large data to a"
              + " per-CPU array";
      case UNINITIALISED_MEMORY ->
          "clear the whole struct, its padding too, before filling it:"
              + " __builtin_memset(&key, 0, sizeof(key))";
      case UNINITIALISED_REGISTER -> "set the variable on every path that leads here";
      case NOT_A_POINTER ->
          "a pointer that went through other arithmetic than + and -, a 32-bit operation or memory"
              + " other than the stack is only a number: keep it as a pointer";
      case POINTER_ARITHMETIC -> "compute the offset as a number, and add it to the pointer last";
      case LEAK -> "submit, discard or release it on every path before this point";
      case ENDLESS_LOOP ->
          "let each turn of the loop change what its end is decided by, with a constant bound:"
              + " for (i = 0; i < 64; i++)";
      case TOO_COMPLEX ->
          "give the loop a small constant bound (for (i = 0; i < 64; i++)), or turn it into"
              + " bpf_loop() or a loop with may_goto, whose body is followed only a few times";
      case RETURN_VALUE -> "return one of the XDP_ actions on every path";
      case OBJECT_MISUSE ->
          "an object is owned through one pointer: drop it (bpf_obj_drop), give it to a list or"
              + " tree under the lock beside its head, or exchange it into a __kptr"
              + " (bpf_kptr_xchg)";
      case SECTION ->
          "keep the section short: take the lock or open the section, do what needs it without"
              + " other calls, and close it on every path before anything else";
      case CALLBACK ->
          "a callback is a static function with a fixed range of results, 0 to go on and 1 to stop;"
              + " an exception callback is a global one that takes one number";
      case CONSTANT ->
          "build the object with clang -g, declare maps in SEC(\".maps\"), and load it from its"
              + " file so that names become what they stand for";
      case STACK_DEPTH -> "use fewer nested calls, or smaller variables on the stack";
      default -> null;
    };
  }

  private static String stack(Instruction instruction, RegisterState r) {
    long low = r.range().smin() + r.offset() + (instruction.isCall() ? 0 : instruction.offset());
    if (low < -VerifierLimits.STACK) {
      return of(Cause.STACK_BOUNDS);
    }
    return instruction.isCall()
        ? "give the call a variable as large as what it takes: as the map's keys or values, or as"
            + " the size that is passed"
        : "check the index before: nothing at the frame's top or above it is the program's";
  }

  private static String packet(Instruction instruction, RegisterState r) {
    boolean meta = r.kind() == RegisterKind.PACKET_META;
    String end = meta ? "data" : "data_end";
    if (r.packetRange() < 0) {
      return "on this path the pointer is at "
          + end
          + " or behind it: turn the comparison round, or do the access on its other side";
    }
    if (r.range().smin() < 0) {
      return "make the variable part unsigned, or check that it is not negative";
    }
    if (!instruction.isCall() && r.offset() + instruction.offset() < 0) {
      return "nothing before " + (meta ? "data_meta" : "data") + " can be accessed";
    }
    if (Long.compareUnsigned(r.range().umax(), VerifierLimits.PACKET_OFFSET) > 0) {
      return "bound the variable part first (compare it with a constant, or mask it with 0x3fff):"
          + " comparisons with "
          + end
          + " prove nothing for more than 65535";
    }
    long needed = (long) r.offset() + instruction.offset() + instruction.accessSize();
    if (needed + r.range().umax() > VerifierLimits.PACKET_OFFSET) {
      return "comparisons with "
          + end
          + " prove nothing beyond 65535 bytes: end the loop or bound the offset before"
          + " (for (i = 0; i < 1500; i++))";
    }
    String start = meta ? "data_meta" : "data";
    if (instruction.isCall()) {
      return "before the call, check that all bytes it is given lie before " + end;
    }
    return r.hasFixedOffset()
        ? "before this access, leave the path when "
            + start
            + " + "
            + (needed + r.range().value())
            + " > "
            + end
        : "add the variable part first, then leave the path when that pointer + "
            + needed
            + " > "
            + end;
  }

  private static String memory(Cause cause, Instruction instruction, RegisterState r) {
    int available =
        switch (r.kind()) {
          case MAP_VALUE -> r.map().valueSize();
          case MAP_KEY -> r.map().keySize();
          case MEMORY -> r.size();
          default -> -1;
        };
    if (available < 0 || instruction.isCall() || instruction.instructionClass() == Opcode.LD) {
      return of(cause);
    }
    long last = (long) available - r.offset() - instruction.offset() - instruction.accessSize();
    if (r.hasFixedOffset()) {
      return "there are only bytes 0 to " + (available - 1) + ": use a smaller offset or type";
    }
    return last < 0
        ? of(cause)
        : "check the variable part right before its use: leave the path when it is more than "
            + last
            + ", as an unsigned number";
  }
}
