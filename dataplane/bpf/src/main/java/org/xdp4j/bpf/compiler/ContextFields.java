package org.xdp4j.bpf.compiler;

/** {@code struct xdp_md} (linux/bpf.h) by offset, and the fields of XdpContext it stands for. */
final class ContextFields {
  private static final int EGRESS_IFINDEX = 20;

  /** data, data_end and data_meta come first; they are pointers. */
  static final int POINTERS_END = 12;

  private static final String[] NAMES = {
    "data", "dataEnd", "dataMeta", "ingressIfindex", "rxQueueIndex", "egressIfindex"
  };

  private ContextFields() {}

  /** The field at {@code offset}, a multiple of 4. */
  static String name(int offset) {
    return NAMES[offset / 4];
  }

  /** Whether a batch has a column of the field: {@code egress_ifindex} is the context's alone. */
  static boolean isColumn(int offset) {
    return offset != EGRESS_IFINDEX;
  }
}
