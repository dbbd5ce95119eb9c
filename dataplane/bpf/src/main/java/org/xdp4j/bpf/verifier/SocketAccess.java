package org.xdp4j.bpf.verifier;

/**
 * Loads of fields of {@code struct bpf_sock} (linux/bpf.h, bpf_sock_is_valid_access). No lookup
 * finds a socket here, so these loads are never made; they are checked so that a program is
 * accepted or refused as in Linux.
 *
 * <pre>
 *   0 bound_dev_if   4 family   8 type   12 protocol   16 mark   20 priority
 *  24 src_ip4   28 src_ip6[4]   44 src_port   48 dst_port 16   52 dst_ip4   56 dst_ip6[4]
 *  72 state   76 rx_queue_mapping
 * </pre>
 */
final class SocketAccess {
  private static final int SIZE = 80;
  private static final int FAMILY = 4;
  private static final int TYPE = 8;
  private static final int PROTOCOL = 12;
  private static final int SOURCE_IP4 = 24;
  private static final int SOURCE_PORT = 44;
  private static final int DESTINATION_PORT = 48;
  private static final int DESTINATION_PORT_END = 50;
  private static final int DESTINATION_IP4 = 52;
  private static final int STATE = 72;
  private static final int RX_QUEUE = 76;

  private final Verification v;

  SocketAccess(Verification v) {
    this.v = v;
  }

  RegisterState load(int register, RegisterState pointer, int offset, int size, boolean signed)
      throws VerifierException {
    if (!isField(pointer.kind(), offset, size)) {
      throw v.refuse(
          Cause.MEMORY_BOUNDS,
          register,
          "r"
              + register
              + " is "
              + pointer.describe()
              + ", of which "
              + size
              + (size == 1 ? " byte at offset " : " bytes at offset ")
              + offset
              + " cannot be loaded");
    }
    return MemoryAccess.unknown(size, signed);
  }

  private static boolean isField(RegisterKind kind, int offset, int size) {
    if (offset < 0 || offset >= SIZE || offset % size != 0) {
      return false;
    }
    if (kind == RegisterKind.SOCK_COMMON && offset >= TYPE && offset < SOURCE_IP4) {
      return false;
    }
    if (offset >= DESTINATION_PORT_END && offset < DESTINATION_IP4) {
      return false;
    }
    if (offset >= DESTINATION_PORT && offset < DESTINATION_PORT_END) {
      return size <= 4;
    }
    return size == 4 || size < 4 && isNarrow(offset);
  }

  /** Whether a part of a field may be loaded: any of an address, only the first of a number. */
  private static boolean isNarrow(int offset) {
    boolean address =
        offset >= SOURCE_IP4 && offset < SOURCE_PORT || offset >= DESTINATION_IP4 && offset < STATE;
    return address
        || switch (offset) {
          case FAMILY, TYPE, PROTOCOL, SOURCE_PORT, STATE, RX_QUEUE -> true;
          default -> false;
        };
  }
}
