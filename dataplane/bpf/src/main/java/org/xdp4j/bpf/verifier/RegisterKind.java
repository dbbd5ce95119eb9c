package org.xdp4j.bpf.verifier;

/** What a register or a spilled stack slot holds ({@code enum bpf_reg_type}). */
enum RegisterKind {
  /** Nothing was ever written to it. */
  UNINITIALISED("uninitialised"),
  /** A number. */
  SCALAR("a number"),
  /** The program's argument, {@code struct xdp_md}. */
  CONTEXT("the context"),
  /** A map itself, as a helper's argument. */
  MAP("a map"),
  /** A value in a map. */
  MAP_VALUE("a map value"),
  /** A key in a map, as a callback of {@code bpf_for_each_map_elem} is given it. */
  MAP_KEY("a map key"),
  /** The stack of a call frame, by its r10. */
  STACK("the stack"),
  /** Packet data, from {@code data} up. */
  PACKET("the packet"),
  /** Metadata before the packet, from {@code data_meta} up. */
  PACKET_META("packet metadata"),
  /** The end of packet data. */
  PACKET_END("the packet's end"),
  /** Memory of a known size: a ring-buffer record, a global function's argument. */
  MEMORY("memory"),
  /** A dynptr that is not the program's own. */
  DYNPTR("a dynptr"),
  /** A socket, {@code struct bpf_sock}. */
  SOCKET("a socket"),
  /** A socket of which only what all sockets have is known, perhaps a request or time-wait one. */
  SOCK_COMMON("a common socket"),
  /** A structure of the kernel's own, such as {@code struct tcp_sock}. */
  KERNEL_STRUCT("a kernel's structure"),
  /** An object that a program allocated. */
  OBJECT("an allocated object"),
  /** A pointer into an arena, to whatever is there. */
  ARENA("a pointer into an arena"),
  /** A subprogram, as a callback. */
  FUNCTION("a function");

  private final String text;

  RegisterKind(String text) {
    this.text = text;
  }

  /** The noun that messages use. */
  String text() {
    return text;
  }

  boolean isPacket() {
    return this == PACKET || this == PACKET_META;
  }

  boolean isSocket() {
    return this == SOCKET || this == SOCK_COMMON;
  }

  boolean isPacketOrEnd() {
    return isPacket() || this == PACKET_END;
  }
}
