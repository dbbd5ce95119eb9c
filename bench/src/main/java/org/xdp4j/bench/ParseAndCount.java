package org.xdp4j.bench;

/**
 * The path that {@code filters/protocol_counter.bpf.c} takes, written by hand in Java: what
 * compiled programs are held against, memory model by memory model.
 */
final class ParseAndCount {
  /** Slots and bytes a slot of the counters. */
  static final int COUNTERS = 515;

  private static final int STRIDE = 16;
  private static final int OTHER = 513;
  private static final int TRUNCATED = 514;
  private static final int VLAN = 0x0081;
  private static final int QINQ = 0xa888;
  private static final int IPV4 = 0x0008;
  private static final int IPV6 = 0xdd86;

  /** A constant, as the region is to compiled programs: the kind the system property names. */
  static final Memory MEMORY = make();

  private final long counters;

  ParseAndCount(long counters) {
    this.counters = counters;
  }

  private static Memory make() {
    try {
      return Memory.of(System.getProperty("memory"), 2 << 20);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Counts each frame of a batch. */
  void run(long[] data, long[] dataEnd, int[] verdict) {
    for (int i = 0; i < data.length; i++) {
      verdict[i] = run(data[i], dataEnd[i]);
    }
  }

  private int run(long data, long end) {
    long counter = counters + (long) slot(data, end) * STRIDE;
    MEMORY.store(counter, MEMORY.load(counter) + 1);
    MEMORY.store(counter + 8, MEMORY.load(counter + 8) + end - data);
    return 2;
  }

  private static int slot(long data, long end) {
    long at = data + 14;
    if (at > end) {
      return TRUNCATED;
    }
    int type = MEMORY.u16(data + 12);
    for (int tags = 0; tags < 2 && (type == VLAN || type == QINQ); tags++) {
      if (at + 4 > end) {
        return TRUNCATED;
      }
      type = MEMORY.u16(at + 2);
      at += 4;
    }
    return switch (type) {
      case IPV4 -> at + 20 > end ? TRUNCATED : MEMORY.u8(at + 9);
      case IPV6 -> at + 40 > end ? TRUNCATED : 256 + MEMORY.u8(at + 6);
      default -> OTHER;
    };
  }
}
