package org.xdp4j.bpf.verifier;

import java.util.List;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Keys and values on the stack that a helper reads although some of their bytes were never written:
 * a struct's padding, mostly. Linux accepts that from users with CAP_PERFMON and refuses it from
 * others; what the bytes hold is not defined, so two keys with equal fields may be different keys.
 */
final class UnwrittenBytes {
  private UnwrittenBytes() {}

  /** What to say of the helper call about to be followed in {@code state}, or null. */
  static String reason(VerifierState state, Instruction call) {
    HelperSpec helper = Helpers.byId(call.imm()).orElse(null);
    if (helper == null) {
      return null;
    }
    MapSpec map = null;
    List<ArgumentKind> kinds = helper.arguments();
    for (int i = 0; i < kinds.size(); i++) {
      RegisterState r = state.registers()[i + 1];
      ArgumentKind kind = kinds.get(i);
      if (kind == ArgumentKind.CONST_MAP && r.kind() == RegisterKind.MAP) {
        map = r.map();
      } else if (map != null && kind == ArgumentKind.MAP_KEY) {
        String reason = reason(state, r, map.keySize(), "key of map '" + map.name() + "'", helper);
        if (reason != null) {
          return reason;
        }
      } else if (map != null && kind == ArgumentKind.MAP_VALUE) {
        String what = "value for map '" + map.name() + "'";
        String reason = reason(state, r, map.valueSize(), what, helper);
        if (reason != null) {
          return reason;
        }
      }
    }
    return null;
  }

  private static String reason(
      VerifierState state, RegisterState r, int size, String what, HelperSpec helper) {
    if (r.kind() != RegisterKind.STACK || !r.hasFixedOffset()) {
      return null;
    }
    long start = r.fixedOffset();
    if (start < -VerifierLimits.STACK || start + size > 0) {
      return null;
    }
    Frame frame = state.frames[r.frame()];
    int first = -1;
    int last = -1;
    for (int i = 0; i < size; i++) {
      if (frame.kind((int) start + i) == Frame.INVALID) {
        first = first < 0 ? i : first;
        last = i;
      } else if (first >= 0) {
        break;
      }
    }
    if (first < 0) {
      return null;
    }
    String bytes = first == last ? "byte " + first : "bytes " + first + " to " + last;
    return bytes
        + " of the "
        + size
        + "-byte "
        + what
        + (first == last ? " was" : " were")
        + " never written before "
        + helper.name()
        + " reads it"
        + (first > 0 ? ": padding of a struct?" : "");
  }
}
