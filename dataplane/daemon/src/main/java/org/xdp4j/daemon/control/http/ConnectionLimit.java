package org.xdp4j.daemon.control.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes connections above a number at once. */
@ChannelHandler.Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();

  ConnectionLimit(int most) {
    this.most = most;
  }

  int open() {
    return open.get();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    int count = open.incrementAndGet();
    context.channel().closeFuture().addListener(closed -> open.decrementAndGet());
    if (count > most) {
      context.close();
    } else {
      context.fireChannelActive();
    }
  }
}
