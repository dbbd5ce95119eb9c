package org.xdp4j.net.stack;

import org.xdp4j.net.stack.StackCounters.Total;
import org.xdp4j.net.wire.PacketBuffer;

/** The one place where packets enter and leave a stack, and are counted. Owned by one worker. */
final class Exit {
  private final Output output;

  private final StackCounters counters;

  Exit(Output output, StackCounters counters) {
    this.output = output;
    this.counters = counters;
  }

  void received() {
    counters.add(Total.RECEIVED, 1);
  }

  /** A packet the owner made and gave the stack to send. */
  void originated() {
    counters.add(Total.GENERATED, 1);
  }

  /** A packet for something to say, its network header at its first byte; or null. */
  PacketBuffer acquire(int length) {
    PacketBuffer packet = output.acquire(length);
    if (packet == null) {
      counters.add(Total.NO_BUFFER, 1);
      return null;
    }
    counters.add(Total.GENERATED, 1);
    packet.network = packet.data;
    packet.segmentTo = 0;
    packet.checksumPartial = false;
    clear(packet);
    return packet;
  }

  /** Forgets what the stack noted of an earlier packet in this buffer. */
  static void clear(PacketBuffer packet) {
    packet.linkGroup = false;
    packet.translateSource = 0;
    packet.translateDestination = 0;
    packet.sourceRouteHop = 0;
  }

  boolean hasPort(int port) {
    return output.hasPort(port);
  }

  Outcome transmit(PacketBuffer packet, int port) {
    counters.add(Total.TRANSMITTED, 1);
    output.transmit(packet, port);
    return Outcome.TRANSMITTED;
  }

  Outcome deliver(PacketBuffer packet) {
    counters.add(Total.DELIVERED, 1);
    output.deliver(packet);
    return Outcome.DELIVERED;
  }

  Outcome punt(PacketBuffer packet, int port, PuntReason reason) {
    counters.punt(reason);
    output.punt(packet, port, reason);
    return Outcome.PUNTED;
  }

  Outcome drop(PacketBuffer packet, DropReason reason) {
    counters.drop(reason);
    output.drop(packet, reason);
    return Outcome.DROPPED;
  }

  Outcome hold() {
    counters.add(Total.HELD, 1);
    return Outcome.HELD;
  }

  void unhold() {
    counters.add(Total.HELD, -1);
  }

  /** Packets that have not ended yet, nor are held. */
  long difference() {
    return counters.difference();
  }

  void limited() {
    counters.add(Total.ICMP_LIMITED, 1);
  }

  void mirror(PacketBuffer packet, int port) {
    output.mirror(packet, port);
  }
}
