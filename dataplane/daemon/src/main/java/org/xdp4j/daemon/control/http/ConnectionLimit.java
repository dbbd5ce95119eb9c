package org.xdp4j.daemon.control.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.atomic.AtomicInteger;

/** Knows the connections there are, and closes those above a number at once. */
@ChannelHandler.Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

  ConnectionLimit(int most) {
    this.most = most;
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

  @Override
  public void channelActive(ChannelHandlerContext context) {
    int count = open.incrementAndGet();
    context.channel().closeFuture().addListener(closed -> open.decrementAndGet());
    all.add(context.channel());
    if (count > most) {
      context.close();
    } else {
      context.fireChannelActive();
    }
  }
}
