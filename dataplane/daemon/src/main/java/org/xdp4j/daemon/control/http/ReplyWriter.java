package org.xdp4j.daemon.control.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Sends one reply, no faster than the client takes it: what waits in the connection is bounded, and
 * a client that takes nothing for too long is left. Its event loop's thread only.
 */
final class ReplyWriter {
  private static final Logger LOGGER = System.getLogger(ReplyWriter.class.getName());

  /** Pieces sent before other connections get their turn. */
  private static final int PIECES = 16;

  private final ChannelHandlerContext context;
  private final Deadline deadline;
  private final long stallMillis;
  private final boolean headOnly;
  private final boolean keepAlive;
  private final Runnable done;

  private Reply.Source source;
  private Outlet outlet;
  private AutoCloseable production;
  private boolean over;

  ReplyWriter(
      ChannelHandlerContext context,
      Deadline deadline,
      long stallMillis,
      boolean headOnly,
      boolean keepAlive,
      Runnable done) {
    this.context = context;
    this.deadline = deadline;
    this.stallMillis = stallMillis;
    this.headOnly = headOnly;
    this.keepAlive = keepAlive;
    this.done = done;
  }

  /** A reply, or why there is none. */
  record Answer(Reply reply, Problem problem) {}

  void send(Answer answer) {
    if (answer.problem() != null) {
      Problem problem = answer.problem();
      sendWhole(
          new Reply.Whole(problem.status(), Problem.MEDIA_TYPE, problem.body(), problem.headers()));
      return;
    }
    switch (answer.reply()) {
      case Reply.Whole whole -> sendWhole(whole);
      case Reply.Pulled pulled -> {
        sendHead(pulled);
        source = pulled.source();
        goOn();
      }
      case Reply.Pushed pushed -> push(pushed);
    }
  }

  private void sendWhole(Reply.Whole whole) {
    ByteBuf content = Unpooled.wrappedBuffer(whole.body());
    HttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(whole.status()), content);
    describe(response, whole);
    if (whole.status() != HttpResponseStatus.NO_CONTENT.code()) {
      HttpUtil.setContentLength(response, whole.body().length);
    }
    deadline.set(stallMillis);
    context.writeAndFlush(response).addListener(this::finished);
  }

  private void sendHead(Reply reply) {
    HttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
    describe(response, reply);
    HttpUtil.setTransferEncodingChunked(response, true);
    context.write(response);
  }

  private void describe(HttpResponse response, Reply reply) {
    HttpHeaders headers = response.headers();
    if (reply.contentType() != null) {
      headers.set(HttpHeaderNames.CONTENT_TYPE, reply.contentType());
    }
    headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    for (Map.Entry<String, String> header : reply.headers().entrySet()) {
      headers.set(header.getKey(), header.getValue());
    }
    HttpUtil.setKeepAlive(response, keepAlive);
  }

  private void push(Reply.Pushed pushed) {
    sendHead(pushed);
    outlet = new Outlet(this::wake);
    production = pushed.production();
    context.flush();
    if (headOnly) {
      outlet.end();
    } else {
      context.read(); // Only so is it seen when the client goes.
      pushed.connect().accept(outlet);
    }
  }

  /** On any thread. */
  private void wake() {
    try {
      context.executor().execute(this::goOn);
    } catch (RejectedExecutionException e) {
      return; // The listener is closed, and with it the connection.
    }
  }

  /** Sends more, as long as the client takes it. */
  void goOn() {
    if (over || source == null && outlet == null || !context.channel().isActive()) {
      return;
    }
    if (outlet != null) {
      outlet.rest();
    }
    int pieces = 0;
    while (!over && pieces < PIECES && context.channel().isWritable()) {
      byte[] piece = nextPiece();
      if (piece == null) {
        break;
      }
      context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)));
      pieces++;
    }
    if (over) {
      return;
    }
    context.flush();
    if (!context.channel().isWritable()) {
      if (pieces > 0 || !deadline.isSet()) {
        deadline.set(stallMillis);
      }
      return;
    }
    deadline.clear();
    if (pieces == PIECES) {
      context.executor().execute(this::goOn);
    }
  }

  /** The next piece; at the end null, and the end is sent. */
  private byte[] nextPiece() {
    byte[] piece;
    boolean end;
    try {
      piece = headOnly ? null : source != null ? source.next() : outlet.poll();
      end = piece == null && (source != null || outlet.isOver());
    } catch (RuntimeException fault) {
      LOGGER.log(Level.ERROR, "a fault while a reply was made", fault);
      over = true;
      release();
      context.close(); // Without the last chunk, so that nobody takes it for whole.
      return null;
    }
    if (end) {
      over = true;
      release();
      deadline.set(stallMillis);
      context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(this::finished);
    }
    return piece;
  }

  private void finished(Future<? super Void> written) {
    over = true;
    if (!written.isSuccess() || outlet != null) {
      context.close();
    } else {
      deadline.clear();
      done.run();
    }
  }

  /** Whether it sends what others push, to a client that only listens. */
  boolean isPushing() {
    return outlet != null;
  }

  /** The connection is gone. */
  void abandon() {
    over = true;
    release();
  }

  private void release() {
    if (source != null) {
      source.close();
      source = null;
    }
    if (outlet != null) {
      outlet.end();
    }
    AutoCloseable opened = production;
    production = null;
    if (opened != null) {
      close(opened);
    }
  }

  /** Gives back what a reply took that nobody wants any more. */
  static void discard(Reply reply) {
    switch (reply) {
      case null -> {}
      case Reply.Whole whole -> {}
      case Reply.Pulled pulled -> pulled.source().close();
      case Reply.Pushed pushed -> close(pushed.production());
    }
  }

  /** Closes what pushes; elsewhere, since that may wait for its last record. */
  private static void close(AutoCloseable opened) {
    Thread.startVirtualThread(
        () -> {
          try {
            opened.close();
          } catch (Exception e) {
            LOGGER.log(Level.WARNING, "a stream could not be closed", e);
          }
        });
  }
}
