package org.xdp4j.daemon.control.http;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** When a connection is closed unless something happens before. Its event loop's thread only. */
final class Deadline {
  private final ChannelHandlerContext context;
  private ScheduledFuture<?> pending;

  Deadline(ChannelHandlerContext context) {
    this.context = context;
  }

  /** Closes the connection in so many milliseconds, whatever was set before. */
  void set(long millis) {
    clear();
    pending = context.executor().schedule(() -> context.close(), millis, TimeUnit.MILLISECONDS);
  }

  void clear() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  boolean isSet() {
    return pending != null;
  }
}
