package org.xdp4j.bpf.compiler;

/** {@code struct xdp_md} (linux/bpf.h) by offset, and the fields of XdpContext it stands for. */
final class ContextFields {
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
}
