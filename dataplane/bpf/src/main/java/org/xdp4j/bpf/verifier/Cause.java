package org.xdp4j.bpf.verifier;

import java.util.Locale;

/** The classes of mistakes that programs are refused for; each has its own advice. */
public enum Cause {
  /** An access of the packet that no comparison with its end covers. */
  PACKET_BOUNDS,
  /** A packet pointer is used behind a call that may have moved the packet. */
  PACKET_POINTER_LOST,
  /** A record, a socket or an object is used after it was given back or given away. */
  USE_AFTER_RELEASE,
  /** A pointer that may be NULL was not compared with it. */
  NULL_NOT_CHECKED,
  /** An access of a map value, or other memory of known size, beyond its ends. */
  MEMORY_BOUNDS,
  /** An index or a size that has no bound, or may be negative. */
  UNBOUNDED_INDEX,
  /** An access outside of the stack frame. */
  STACK_BOUNDS,
  /** Memory, a key or a value that is given to a helper without ever having been written. */
  UNINITIALISED_MEMORY,
  /** A register is read that holds nothing. */
  UNINITIALISED_REGISTER,
  /** A number is used as a pointer. */
  NOT_A_POINTER,
  /** Arithmetic that has no meaning on a pointer. */
  POINTER_ARITHMETIC,
  /** An access of the context that Linux does not know. */
  CONTEXT_ACCESS,
  /** Memory that is only to be read is written, or the other way round. */
  READ_ONLY,
  /** An argument of a helper that is not what the helper takes. */
  HELPER_ARGUMENT,
  /** A helper, kernel function or feature that is not there for this program. */
  NOT_AVAILABLE,
  /** Something acquired is not given back on this path. */
  LEAK,
  /** A loop that comes round with nothing changed. */
  ENDLESS_LOOP,
  /** More instructions or paths than are followed: mostly a loop without a bound. */
  TOO_COMPLEX,
  /** The value a program returns. */
  RETURN_VALUE,
  /** Frames, or their stacks, nest too deep. */
  STACK_DEPTH,
  /** Jumps, unreachable instructions, recursion: the shape of the program. */
  CONTROL_FLOW,
  /**
   * An allocated object, or what holds such objects, used in a way that does not keep track of it.
   */
  OBJECT_MISUSE,
  /** A lock, or a section that has to be closed, used in a way that is not allowed. */
  SECTION,
  /** A callback, or what a function is called with. */
  CALLBACK,
  /** A constant that is not there: a map, a function, a variable. */
  CONSTANT,
  /** None of the above. */
  OTHER;

  /** How JSON and messages name it: {@code packet-bounds}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is about the packet's bounds. */
  public boolean isAboutPacket() {
    return this == PACKET_BOUNDS || this == PACKET_POINTER_LOST;
  }

  /** Whether a frame that really makes the refused access is worth looking for. */
  public boolean isAccess() {
    return switch (this) {
      case PACKET_BOUNDS,
          PACKET_POINTER_LOST,
          NULL_NOT_CHECKED,
          MEMORY_BOUNDS,
          UNBOUNDED_INDEX,
          STACK_BOUNDS,
          NOT_A_POINTER ->
          true;
      default -> false;
    };
  }
}
