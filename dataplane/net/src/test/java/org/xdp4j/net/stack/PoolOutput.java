package org.xdp4j.net.stack;

import org.xdp4j.net.wire.PacketBuffer;

/** Takes back whatever leaves a stack, into the pool that its packets are of. */
class PoolOutput implements Output {
  final TestPool pool;

  PoolOutput(int packets) {
    pool = new TestPool(packets);
  }

  @Override
  public void transmit(PacketBuffer packet, int port) {
    pool.release(packet);
  }

  @Override
  public void deliver(PacketBuffer packet) {
    pool.release(packet);
  }

  @Override
  public void punt(PacketBuffer packet, int port, PuntReason reason) {
    pool.release(packet);
  }

  @Override
  public void drop(PacketBuffer packet, DropReason reason) {
    pool.release(packet);
  }

  @Override
  public PacketBuffer acquire(int length) {
    return pool.acquire(length);
  }
}
