package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Routers and hosts joined by wires, all in memory and in their own time: frames are carried in the
 * order they were sent, without delay.
 */
final class Lab {
  private static final long SECOND = 1_000_000_000L;

  private record Flight(Wire wire, Node from, PacketBuffer packet) {}

  private record Plug(Node node, int port) {}

  /** What joins ports; it carries a frame from each to all others. */
  static final class Wire {
    private final List<Plug> plugs = new ArrayList<>();
    boolean cut;
    long carried;
  }

  /** A router or host. */
  final class Node implements Output {
    final String name;
    final Router router;
    final Stack stack;
    final List<byte[]> punted = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();

    Node(String name, RouterSettings settings) {
      this.name = name;
      this.router = new Router(settings, new SplittableRandom(nodes.size()));
      this.stack = new Stack(pool.memory, router, this);
    }

    /** Plugs the next port into a wire; returns its number. */
    int plug(Wire wire) {
      wires.add(wire);
      wire.plugs.add(new Plug(this, wires.size() - 1));
      return wires.size() - 1;
    }

    /** Sends an IP packet made here. */
    void send(byte[] packet) {
      stack.send(pool.acquire(packet), 1, now);
      carry();
    }

    @Override
    public void transmit(PacketBuffer packet, int port) {
      flights.addLast(new Flight(wires.get(port), this, packet));
    }

    @Override
    public void deliver(PacketBuffer packet) {
      pool.release(packet);
    }

    @Override
    public void punt(PacketBuffer packet, int port, PuntReason reason) {
      packet.data = packet.network;
      if (reason != PuntReason.MULTICAST) { // Others' reports which groups they listen to.
        punted.add(pool.bytes(packet));
      }
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

  final TestPool pool = new TestPool(512);
  final List<Node> nodes = new ArrayList<>();
  private final ArrayDeque<Flight> flights = new ArrayDeque<>();
  long now = SECOND;

  Node node(String name, RouterSettings settings) {
    Node node = new Node(name, settings);
    nodes.add(node);
    return node;
  }

  private void carry() {
    while (!flights.isEmpty()) {
      Flight flight = flights.removeFirst();
      flight.wire.carried++;
      for (Plug plug : flight.wire.plugs) {
        if (plug.node != flight.from && !flight.wire.cut) {
          PacketBuffer copy = pool.acquire(flight.packet.length());
          MemorySegment.copy(
              pool.memory, flight.packet.data, pool.memory, copy.data, copy.length());
          plug.node.stack.receive(copy, plug.port, now);
        }
      }
      pool.release(flight.packet);
    }
  }

  /** Lets time pass, a tenth of a second at a time. */
  void pass(double seconds) {
    long end = now + (long) (seconds * SECOND);
    while (now < end) {
      now = Math.min(end, now + SECOND / 10);
      for (Node node : nodes) {
        node.stack.tick(now);
      }
      carry();
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Node node : nodes) {
      text.append(node.name).append(": ").append(node.stack.counters()).append('\n');
    }
    return text.toString();
  }

  /** All books balance, and every packet that is out is held by somebody. */
  void requireBalance() {
    long held = 0;
    for (Node node : nodes) {
      StackCounters counters = node.stack.counters();
      assertThat(counters.difference()).as(node.name + ": " + counters).isZero();
      held += counters.get(StackCounters.Total.HELD);
    }
    assertThat((long) pool.inUse()).isEqualTo(held);
  }
}
