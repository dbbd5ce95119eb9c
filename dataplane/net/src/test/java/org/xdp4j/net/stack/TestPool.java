package org.xdp4j.net.stack;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import org.xdp4j.net.wire.PacketBuffer;

/** Packets in one memory, as many as asked for. */
final class TestPool {
  static final int HEADROOM = 256;
  private static final int SIZE = HEADROOM + 66_048;

  final MemorySegment memory;
  private final ArrayDeque<PacketBuffer> free = new ArrayDeque<>();
  private final int count;
  boolean exhausted;

  TestPool(int count) {
    this.count = count;
    this.memory = Arena.ofAuto().allocate((long) count * SIZE);
    for (int i = 0; i < count; i++) {
      free.addLast(new PacketBuffer((long) i * SIZE, (long) (i + 1) * SIZE));
    }
  }

  PacketBuffer acquire(int length) {
    PacketBuffer packet = exhausted ? null : free.pollFirst();
    if (packet != null) {
      packet.data = packet.start + HEADROOM;
      packet.dataEnd = packet.data + length;
    }
    return packet;
  }

  PacketBuffer acquire(byte[] content) {
    PacketBuffer packet = acquire(content.length);
    MemorySegment.copy(MemorySegment.ofArray(content), 0, memory, packet.data, content.length);
    return packet;
  }

  void release(PacketBuffer packet) {
    free.addFirst(packet);
  }

  byte[] bytes(PacketBuffer packet) {
    return memory.asSlice(packet.data, packet.length()).toArray(ValueLayout.JAVA_BYTE);
  }

  int inUse() {
    return count - free.size();
  }
}
