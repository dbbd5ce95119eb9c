package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One ring of an XDP socket, shared with the kernel: one side writes entries and moves the
 * producer, the other reads them and moves the consumer. Entries are addresses (8 bytes) or
 * descriptors (address 0, length 8, options 12). Owned by one thread.
 */
final class XdpRing {
  private static final VarHandle INDEX = JAVA_INT.varHandle();

  final long address;
  final long length;
  private final MemorySegment memory;
  private final long producerAt;
  private final long consumerAt;
  private final long entriesAt;
  private final int size;
  private int producer;
  private int consumer;

  XdpRing(long address, long length, long producerAt, long consumerAt, long entriesAt, int size) {
    this.address = address;
    this.length = length;
    this.memory = MemorySegment.ofAddress(address).reinterpret(length);
    this.producerAt = producerAt;
    this.consumerAt = consumerAt;
    this.entriesAt = entriesAt;
    this.size = size;
  }

  /** As a producer: how many entries there is room for. */
  int room() {
    return size - pending();
  }

  /** As a producer: how many entries the other side has not taken yet. */
  int pending() {
    consumer = (int) INDEX.getAcquire(memory, consumerAt);
    return producer - consumer;
  }

  /** As a producer: writes an address. */
  void put(long value) {
    memory.set(JAVA_LONG, entriesAt + 8L * (producer++ & size - 1), value);
  }

  /** As a producer: writes a descriptor. */
  void put(long value, int bytes) {
    long at = entriesAt + 16L * (producer++ & size - 1);
    memory.set(JAVA_LONG, at, value);
    memory.set(JAVA_LONG, at + 8, bytes);
  }

  /** As a producer: shows what was written. */
  void publish() {
    INDEX.setRelease(memory, producerAt, producer);
  }

  /** As a consumer: how many entries there are. */
  int available() {
    producer = (int) INDEX.getAcquire(memory, producerAt);
    return producer - consumer;
  }

  /** As a consumer: the address that is the {@code i}th from here. */
  long value(int i) {
    return memory.get(JAVA_LONG, entriesAt + 8L * (consumer + i & size - 1));
  }

  /** As a consumer: the address of the descriptor that is the {@code i}th from here. */
  long addressOf(int i) {
    return memory.get(JAVA_LONG, entriesAt + 16L * (consumer + i & size - 1));
  }

  /** As a consumer: its length. */
  int lengthOf(int i) {
    return memory.get(JAVA_INT, entriesAt + 16L * (consumer + i & size - 1) + 8);
  }

  /** As a consumer: done with so many entries. */
  void release(int count) {
    consumer += count;
    INDEX.setRelease(memory, consumerAt, consumer);
  }
}
