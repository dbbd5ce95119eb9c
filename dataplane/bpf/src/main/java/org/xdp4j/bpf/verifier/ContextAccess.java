package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.object.ProgramType;

/**
 * Loads of fields of {@code struct xdp_md} (linux/bpf.h). Each is 32 bits and is loaded as such.
 *
 * <pre>
 *  0 data   4 data_end   8 data_meta   12 ingress_ifindex   16 rx_queue_index   20 egress_ifindex
 * </pre>
 */
final class ContextAccess {
  private static final int DATA = 0;
  private static final int DATA_END = 4;
  private static final int DATA_META = 8;
  private static final int EGRESS_IFINDEX = 20;

  private final Verification v;

  ContextAccess(Verification v) {
    this.v = v;
  }

  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    if (!pointer.hasFixedOffset() || pointer.fixedOffset() != 0) {
      throw v.refuse(
          Cause.CONTEXT_ACCESS,
          register,
          "r"
              + register
              + " is "
              + pointer.describe()
              + "; the context can only be loaded from through the pointer a program is given");
    }
    if (offset < 0 || offset + size > XdpContext.XDP_MD_SIZE) {
      throw v.refuse(
          Cause.CONTEXT_ACCESS,
          register,
          "struct xdp_md has "
              + XdpContext.XDP_MD_SIZE
              + " bytes, and a load of "
              + size
              + " at offset "
              + offset
              + " is not within them");
    }
    if (size != 4 || offset % 4 != 0) {
      throw v.refuse(
          Cause.CONTEXT_ACCESS,
          register,
          "a field of struct xdp_md is loaded whole, with 4 bytes at a multiple of 4, not with "
              + size
              + " at "
              + offset);
    }
    if (offset == EGRESS_IFINDEX && v.program.type() != ProgramType.XDP_DEVMAP) {
      throw v.refuse(
          Cause.CONTEXT_ACCESS,
          register,
          "egress_ifindex is only there for programs of section xdp/devmap");
    }
    RegisterKind kind =
        switch (offset) {
          case DATA -> RegisterKind.PACKET;
          case DATA_END -> RegisterKind.PACKET_END;
          case DATA_META -> RegisterKind.PACKET_META;
          default -> RegisterKind.SCALAR;
        };
    if (kind == RegisterKind.SCALAR) {
      return MemoryAccess.unknown(size, signed);
    }
    if (signed) {
      throw v.refuse(
          Cause.CONTEXT_ACCESS, register, "a packet pointer cannot be loaded with sign extension");
    }
    return RegisterState.packet(kind);
  }
}
