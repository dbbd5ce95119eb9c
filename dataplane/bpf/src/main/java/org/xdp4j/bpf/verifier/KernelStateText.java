package org.xdp4j.bpf.verifier;

import java.util.Locale;
import org.xdp4j.bpf.map.MapSpec;

/** Registers and stack slots as the kernel's verifier log writes them (kernel/bpf/log.c). */
final class KernelStateText {
  private static final int DECIMAL = Short.MAX_VALUE;
  private static final String[] NAMES = {
    "smin", "smax", "umin", "umax", "smin32", "smax32", "umin32", "umax32"
  };

  private KernelStateText() {}

  /** Everything that is known in the innermost frame. */
  static String all(VerifierState state) {
    return of(state, -1, -1L);
  }

  /**
   * A part of the innermost frame.
   *
   * @param registers a bit a register to be told
   * @param slots a bit a stack slot to be told
   */
  static String of(VerifierState state, int registers, long slots) {
    return of(state, state.depth - 1, registers, slots);
  }

  /** The same of frame {@code number}. */
  static String of(VerifierState state, int number, int registers, long slots) {
    StringBuilder text = new StringBuilder();
    Frame frame = state.frames[number];
    for (int r = 0; r < Frame.REGISTERS; r++) {
      RegisterState value = frame.registers[r];
      if ((registers >>> r & 1) != 0 && value.isInitialised()) {
        text.append(" R").append(r).append('=').append(register(value, number));
      }
    }
    for (int s = 0; s < Math.min(frame.slots(), 64); s++) {
      if ((slots >>> s & 1) != 0 && frame.slot(s) != StackSlot.INVALID) {
        text.append(slot(frame.slot(s), s, number));
      }
    }
    if ((registers != 0 || slots != 0) && !state.acquired.isEmpty()) {
      String separator = " refs=";
      for (VerifierState.Acquired a : state.acquired) {
        text.append(separator).append(a.id());
        separator = ",";
      }
    }
    return text.isEmpty() ? "" : (number == 0 ? "" : " frame" + number + ":") + text;
  }

  private static String slot(StackSlot slot, int index, int frame) {
    StringBuilder bytes = new StringBuilder();
    boolean valid = false;
    for (int b = 7; b >= 0; b--) {
      int kind = slot.kind(b);
      valid |= kind != Frame.INVALID;
      if (kind == Frame.SPILL && slot.kind(0) == Frame.SPILL) {
        break;
      }
      bytes.append(
          kind == Frame.INVALID ? '?' : kind == Frame.ZERO ? '0' : kind == Frame.MISC ? 'm' : 'r');
    }
    if (!valid) {
      return "";
    }
    String spilled = slot.spilled() == null ? "" : register(slot.spilled(), frame);
    return " fp" + (-8 * (index + 1)) + "=" + bytes + spilled;
  }

  /** {@code scalar(smin=0,...)}, {@code pkt(off=14,r=14)}. */
  static String register(RegisterState r, int frame) {
    if (r.isScalar() && r.range().isConstant()) {
      return number(r.range().value());
    }
    if (r.kind() == RegisterKind.STACK) {
      String other = r.frame() == frame ? "" : "[" + r.frame() + "]";
      if (r.hasFixedOffset()) {
        return "fp" + other + number(r.fixedOffset());
      }
      return "fp" + other + parts(r);
    }
    return name(r) + parts(r);
  }

  /** {@code rcu_ptr_or_null_node_data}: how it may be used, and its struct. */
  private static String object(RegisterState r) {
    return (r.has(RegisterState.PERCPU) ? "percpu_" : "")
        + (r.has(RegisterState.RCU) ? "rcu_" : "")
        + (r.has(RegisterState.UNTRUSTED) ? "untrusted_" : "")
        + (r.has(RegisterState.TRUSTED) ? "trusted_" : "")
        + "ptr_"
        + (r.nullable() ? "or_null_" : "")
        + r.object().name();
  }

  private static String name(RegisterState r) {
    if (r.kind() == RegisterKind.OBJECT || r.kind() == RegisterKind.KERNEL_STRUCT) {
      return object(r);
    }
    String name =
        switch (r.kind()) {
          case UNINITIALISED -> "?";
          case SCALAR -> "scalar";
          case CONTEXT -> "ctx";
          case MAP -> "map_ptr";
          case MAP_VALUE -> "map_value";
          case MAP_KEY -> "map_key";
          case PACKET -> "pkt";
          case PACKET_META -> "pkt_meta";
          case PACKET_END -> "pkt_end";
          case MEMORY ->
              r.isAnyMemory()
                  ? "rdonly_untrusted_mem"
                  : r.has(RegisterState.RESERVED) ? "ringbuf_mem" : "mem";
          case FUNCTION -> "func";
          default -> r.kind().name().toLowerCase(Locale.ROOT);
        };
    return r.nullable() ? name + "_or_null" : name;
  }

  private static String parts(RegisterState r) {
    StringBuilder text = new StringBuilder();
    if (r.id() != 0) {
      add(text, "id=" + r.id() + (r.linkedByAdd() ? "%+d".formatted(r.offset()) : ""));
    }
    if (r.reference() != 0) {
      add(text, "ref_obj_id=" + r.reference());
    }
    if (r.kind() == RegisterKind.OBJECT && r.has(RegisterState.NON_OWNING)) {
      add(text, "non_own_ref");
    }
    MapSpec map = r.map();
    if (map != null) {
      add(text, "map=" + map.name());
      add(text, "ks=" + map.keySize());
      add(text, "vs=" + map.valueSize());
    }
    if (!r.isScalar() && r.offset() != 0) {
      add(text, "off=" + number(r.offset()));
    }
    if (r.kind().isPacket()) {
      add(text, "r=" + range(r.packetRange()));
    }
    if (r.kind() == RegisterKind.MEMORY) {
      add(text, "sz=" + r.size());
    }
    if (!r.range().isConstant()) {
      ranges(text, r.range());
    } else if (r.range().value() != 0) {
      add(text, "imm=" + number(r.range().value()));
    }
    return "(" + text + ")";
  }

  /** The kernel's AT_PKT_END is -1, its BEYOND_PKT_END -2. */
  private static String range(int proven) {
    return proven >= 0
        ? number(proven)
        : proven == RegisterState.AT_END ? "0xffffffffffffffff" : "0xfffffffffffffffe";
  }

  private static void ranges(StringBuilder text, ScalarRange r) {
    long[] values = {
      r.smin(),
      r.smax(),
      r.umin(),
      r.umax(),
      r.s32min(),
      r.s32max(),
      r.u32min() & 0xffffffffL,
      r.u32max() & 0xffffffffL
    };
    boolean[] left = {
      r.smin() == Long.MIN_VALUE,
      r.smax() == Long.MAX_VALUE,
      r.umin() == 0,
      r.umax() == -1L,
      r.s32min() == Integer.MIN_VALUE,
      r.s32max() == Integer.MAX_VALUE,
      r.u32min() == 0,
      r.u32max() == -1
    };
    for (int i = 0; i < values.length; i++) {
      if (left[i]) {
        continue;
      }
      StringBuilder names = new StringBuilder(NAMES[i] + "=");
      for (int j = i + 1; j < values.length; j++) {
        boolean bothSigned = NAMES[i].charAt(0) == 's' && values[i] < 0;
        boolean otherSigned = NAMES[j].charAt(0) == 's' && values[j] < 0;
        if (!left[j] && values[j] == values[i] && bothSigned == otherSigned) {
          names.append(NAMES[j]).append('=');
          left[j] = true;
        }
      }
      boolean signed = NAMES[i].charAt(0) == 's';
      add(text, names + (signed ? number(values[i]) : unsigned(values[i])));
    }
    if (r.bits().mask() != -1L) {
      add(
          text,
          "var_off=(0x"
              + Long.toHexString(r.bits().value())
              + "; 0x"
              + Long.toHexString(r.bits().mask())
              + ")");
    }
  }

  private static void add(StringBuilder text, String part) {
    text.append(text.isEmpty() ? "" : ",").append(part);
  }

  private static String number(long value) {
    return value >= Short.MIN_VALUE && value <= DECIMAL
        ? Long.toString(value)
        : "0x" + Long.toHexString(value);
  }

  private static String unsigned(long value) {
    return value >= 0 && value <= 0xffff ? Long.toString(value) : "0x" + Long.toHexString(value);
  }
}
