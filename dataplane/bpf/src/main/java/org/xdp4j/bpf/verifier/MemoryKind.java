package org.xdp4j.bpf.verifier;

/** What an instruction's memory operand points at, on every path that reaches it. */
public enum MemoryKind {
  /** Not a memory access, or dead code. */
  NONE,
  /** {@code struct xdp_md}. */
  CONTEXT,
  /** The stack of this or an outer call frame. */
  STACK,
  /** Packet data or metadata. */
  PACKET,
  /** A map's value. */
  MAP_VALUE,
  /** Whatever is at a pointer into an arena; nothing else is ever met there. */
  ARENA,
  /**
   * Memory that nothing need be known of, perhaps a kernel's: where nothing is, a load gives 0. On
   * other paths the instruction may touch any other memory but the context and an arena.
   */
  PROBED,
  /** Other memory: a ring-buffer record, or different kinds on different paths. */
  MEMORY
}
