package org.xdp4j.net.filter;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.flow.KeyTable;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Tcp;

/** The rules and the connections that were accepted by them. Shared by all workers. */
public final class Filter {
  private static final int SLOTS_A_TICK = 4096;

  /**
   * Rules of one time.
   *
   * @param before those that hold as well; null for none
   */
  private record Rules(FilterRule[] rules, Verdict otherwise, Rules before) {
    Verdict decide(FlowKey key, int in, int out) {
      for (FilterRule rule : rules) {
        if (rule.fits(key, in, out)) {
          return rule.verdict();
        }
      }
      return otherwise;
    }
  }

  private final KeyTable<Connection.Direction> connections;
  private volatile Rules rules;

  /** As of the last change; asked without the lock. */
  private volatile boolean full;

  private int hand;

  /**
   * Makes one without connections.
   *
   * @param otherwise the verdict where no rule fits
   * @param capacity the most connections there may be
   */
  public Filter(List<FilterRule> rules, Verdict otherwise, int capacity) {
    this.connections = new KeyTable<>(2 * capacity);
    setRules(rules, otherwise);
  }

  /** Swaps the rules; connections that were accepted stay. */
  public void setRules(List<FilterRule> fresh, Verdict verdict) {
    rules = new Rules(fresh.toArray(new FilterRule[0]), verdict, null);
  }

  /**
   * Has other rules hold beside those there are, until {@link #setRules}: while interfaces and
   * routes go over from what the old rules guard to what the new ones do, a connection is accepted
   * that both accept.
   */
  public void addRules(List<FilterRule> fresh, Verdict verdict) {
    rules = new Rules(fresh.toArray(new FilterRule[0]), verdict, rules);
  }

  /** Has room for another number of connections from now on; those there are stay. */
  public synchronized void resize(int capacity) {
    connections.resize(2 * capacity);
    full = connections.isFull();
  }

  /**
   * Decides about a packet. A connection that it belongs to takes note of it; the first packet of
   * one leaves nothing behind until {@link #open}, as it may still be refused for other reasons.
   *
   * @param key of the packet
   * @param quoted of the packet that an ICMP error is about; of no meaning for others
   * @param in the interface it came in on
   * @param out the interface it leaves by
   */
  public Verdict check(FlowKey key, FlowKey quoted, int in, int out, long now) {
    if (key.isIcmpError) {
      // What tells about a connection belongs to it (RFC 4787, REQ-12; RFC 5382, REQ-9), if it goes
      // to who sent what it quotes (RFC 5927, section 4).
      boolean toSender =
          key.destinationLow == quoted.sourceLow && key.destinationHigh == quoted.sourceHigh;
      return toSender && find(quoted, now) != null ? Verdict.ACCEPT : Verdict.INVALID;
    }
    if (key.lacksFirst()) {
      return Verdict.INVALID;
    }
    Connection.Direction known = find(key, now);
    if (known != null && !known.connection.isOverFor(key.tcpFlags)) {
      known.connection.saw(known.reply, key.tcpFlags, now);
      return Verdict.ACCEPT;
    }
    if (key.isLaterFragment ? key.hasFirst : !canBeFirst(key)) {
      return Verdict.INVALID; // The first fragment would have made the connection.
    }
    Verdict verdict = decide(key, in, out);
    if (verdict != Verdict.ACCEPT) {
      return verdict;
    }
    return full && find(key, Long.MIN_VALUE) == null ? Verdict.FULL : Verdict.NEW;
  }

  private Connection.Direction find(FlowKey key, long now) {
    long word =
        Connection.word(
            key.isIpv6, key.protocol, key.sourcePort, key.destinationPort, key.isEchoReply);
    Connection.Direction found =
        connections.find(
            key.sourceHigh, key.sourceLow, key.destinationHigh, key.destinationLow, word);
    return found == null || found.connection.isExpired(now) ? null : found;
  }

  /** A TCP connection begins with SYN, an echo with a request. */
  private static boolean canBeFirst(FlowKey key) {
    if (key.protocol == IpProtocol.TCP) {
      return (key.tcpFlags & (Tcp.SYN | Tcp.ACK | Tcp.RST | Tcp.FIN)) == Tcp.SYN;
    }
    return !key.isEchoReply;
  }

  private Verdict decide(FlowKey key, int in, int out) {
    Verdict verdict = Verdict.ACCEPT;
    for (Rules each = rules; each != null && verdict == Verdict.ACCEPT; each = each.before) {
      verdict = each.decide(key, in, out);
    }
    return verdict;
  }

  /**
   * Makes the connection of a packet whose verdict is {@link Verdict#NEW}.
   *
   * @return false when there is no room for it
   */
  public synchronized boolean open(FlowKey key, long now) {
    Connection.Direction old = find(key, Long.MIN_VALUE);
    if (old != null) {
      if (!old.connection.isExpired(now) && !old.connection.isOverFor(key.tcpFlags)) {
        old.connection.saw(old.reply, key.tcpFlags, now);
        return true; // Another worker was quicker.
      }
      remove(old.connection);
    }
    if (connections.isFull()) {
      full = true;
      return false;
    }
    Connection fresh = new Connection(key);
    fresh.saw(false, key.tcpFlags, now);
    connections.add(fresh.original);
    if (!fresh.isSymmetric()) {
      connections.add(fresh.reply);
    }
    full = connections.isFull();
    return true;
  }

  private void remove(Connection connection) {
    connections.remove(connection.original);
    if (!connection.isSymmetric()) {
      connections.remove(connection.reply);
    }
    full = connections.isFull();
  }

  /** Removes connections that expired, looking at some with each call. */
  public synchronized void tick(long now) {
    int slots = connections.slotCount();
    for (int i = 0; i < Math.min(slots, SLOTS_A_TICK); i++) {
      hand = (hand + 1) % slots;
      Connection.Direction entry = connections.slot(hand);
      if (entry != null && entry.connection.isExpired(now)) {
        remove(entry.connection);
      }
    }
  }

  /** All connections. */
  public List<Connection> list() {
    List<Connection> all = new ArrayList<>();
    connections.forEach(
        entry -> {
          if (!entry.reply) {
            all.add(entry.connection);
          }
        });
    return all;
  }
}
