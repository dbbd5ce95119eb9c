package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;

/** What the parts of one worker's stack have in common. */
final class StackContext {
  final MemorySegment memory;
  final Router router;
  final Exit exit;
  final LinkOutput link;

  /** The time of this call, and the interfaces as of its beginning. */
  long now;

  Topology topology;

  /** As they were when the stack last looked after its timers. */
  RouterSettings settings;

  /** Where the frame of this call came in. */
  int port;

  /** Packets that wait for a neighbour, and fragments that wait for their datagram's first. */
  int heldForNeighbors;

  int heldFragments;

  private int identification;

  StackContext(MemorySegment memory, Router router, Exit exit) {
    this.memory = memory;
    this.router = router;
    this.settings = router.settings();
    this.exit = exit;
    this.link = new LinkOutput(this);
    this.topology = router.topology();
  }

  void begin(int fromPort, long time) {
    port = fromPort;
    now = time;
    topology = router.topology();
  }

  /** How many packets wait for something. */
  int held() {
    return heldForNeighbors + heldFragments;
  }

  /** An identification for a datagram made here that may be fragmented (RFC 6864, section 4.3). */
  int nextIdentification() {
    identification = identification + 1 & 0xffff;
    return identification;
  }
}
