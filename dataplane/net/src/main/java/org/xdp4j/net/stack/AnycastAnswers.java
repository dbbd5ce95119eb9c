package org.xdp4j.net.stack;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.xdp4j.net.wire.IpAddress;

/**
 * Advertisements of anycast addresses that wait: all routers of a link were asked at once, and do
 * not answer at once (RFC 4861, section 7.2.7). Owned by one worker.
 */
final class AnycastAnswers {
  /** MAX_ANYCAST_DELAY_TIME (section 10). */
  private static final long MAX_DELAY = 1_000_000_000L;

  /** More than so many that wait are not worth the memory: who asks will ask again. */
  private static final int MAX_WAITING = 64;

  private record Answer(
      long due, int interfaceIndex, IpAddress target, IpAddress to, long mac, boolean solicited) {

    void send(NdSender sender, Interface out) {
      sender.advertise(
          out, target.high(), target.low(), to.high(), to.low(), mac, solicited, false);
    }
  }

  private final StackContext context;
  private final NdSender sender;
  private final ArrayDeque<Answer> waiting = new ArrayDeque<>();
  private long spread;

  AnycastAnswers(StackContext context, NdSender sender) {
    this.context = context;
    this.sender = sender;
  }

  /** Answers in a while. */
  void add(Interface out, IpAddress target, IpAddress to, long mac, boolean solicited) {
    if (waiting.size() < MAX_WAITING) {
      spread = (spread ^ out.mac) * 0x9E3779B97F4A7C15L + to.low();
      long delay = ((spread ^ spread >>> 32) & 0xffff_ffffL) * MAX_DELAY >>> 32;
      waiting.add(new Answer(context.now + delay, out.index, target, to, mac, solicited));
    }
  }

  /** Sends what is due. */
  void tick() {
    if (waiting.isEmpty()) {
      return;
    }
    for (Iterator<Answer> all = waiting.iterator(); all.hasNext(); ) {
      Answer each = all.next();
      if (context.now >= each.due) {
        all.remove();
        Interface out = context.topology.byIndex(each.interfaceIndex);
        if (out != null && out.isUp()) {
          each.send(sender, out);
        }
      }
    }
  }
}
