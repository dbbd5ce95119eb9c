package org.xdp4j.daemon.control.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Knows the connections there are, and keeps them below a number. Strangers, who have not shown a
 * token yet, make room for whoever comes: the oldest of the address that has the most of them goes
 * first. So no number of connections that say nothing keeps a client out. Where all are known, the
 * one that comes is closed at once.
 *
 * <p>Its listener's one event loop, but for {@link #open} and {@link #closeAll}.
 */
@ChannelHandler.Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private final int most;
  private final boolean strangers;
  private final AtomicInteger open = new AtomicInteger();
  private final ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  /** Those not known, the oldest first, and where they are from. */
  private final Map<Channel, InetAddress> unknown = new LinkedHashMap<>();

  /**
   * Makes one.
   *
   * @param strangers whether who connects is unknown until {@link #know}
   */
  ConnectionLimit(int most, boolean strangers) {
    this.most = most;
    this.strangers = strangers;
  }

  int open() {
    return open.get();
  }

  /**
   * Ends all connections, and returns once they have: an event loop that is shut down may leave
   * those open that it has. Only when none can come any more.
   */
  void closeAll() {
    all.close().syncUninterruptibly();
  }

  /** Somebody showed who they are. */
  void know(Channel channel) {
    unknown.remove(channel);
  }

  /** Whether that is somebody who has not shown it yet. */
  boolean isStranger(Channel channel) {
    return unknown.containsKey(channel);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    Channel channel = context.channel();
    int count = open.incrementAndGet();
    all.add(channel);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              open.decrementAndGet();
              unknown.remove(channel);
            });
    if (count > most && !makeRoom()) {
      context.close();
      return;
    }
    if (strangers) {
      unknown.put(channel, address(channel));
    }
    context.fireChannelActive();
  }

  private static InetAddress address(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress from
        ? from.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  private boolean makeRoom() {
    Map<InetAddress, Integer> from = new HashMap<>();
    unknown.values().forEach(address -> from.merge(address, 1, Integer::sum));
    int largest = from.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    for (Map.Entry<Channel, InetAddress> each : unknown.entrySet()) {
      if (from.get(each.getValue()) == largest) {
        Channel leaving = each.getKey();
        unknown.remove(leaving);
        // At once: TLS would first say goodbye, and wait until that is taken.
        leaving.unsafe().close(leaving.newPromise());
        return true;
      }
    }
    return false;
  }
}
