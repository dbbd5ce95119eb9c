package org.xdp4j.daemon.control.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * One connection: takes a request, has it answered on a control thread, sends the reply, takes the
 * next. Nothing is read that is not wanted yet. Its event loop's thread only.
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {
  private static final Logger LOGGER = System.getLogger(RequestHandler.class.getName());

  /** A client that was refused in the middle of its body may go on with it for so long. */
  private static final long LINGER_MILLIS = 1000;

  private enum State {
    IDLE,
    BODY,
    ANSWERING,
    LINGERING
  }

  private final Routes routes;
  private final Gate gate;
  private final ConnectionLimit connections;
  private final ControlThreads threads;
  private final BodyBudget budget;
  private final Limits limits;

  /** What has come and is not wanted yet: at most what one read of the socket gave. */
  private final ArrayDeque<Object> waiting = new ArrayDeque<>();

  private boolean wanted;
  private boolean handling;
  private ChannelHandlerContext context;
  private Deadline deadline;
  private State state = State.IDLE;

  // The request at hand.
  private HttpRequest head;
  private Routes.Match match;
  private Problem problem;
  private ByteArrayOutputStream body;
  private long taken;
  private ReplyWriter writer;

  RequestHandler(
      Routes routes,
      Gate gate,
      ConnectionLimit connections,
      ControlThreads threads,
      BodyBudget budget,
      Limits limits) {
    this.routes = routes;
    this.gate = gate;
    this.connections = connections;
    this.threads = threads;
    this.budget = budget;
    this.limits = limits;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    deadline = new Deadline(added);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    next();
  }

  private void next() {
    state = State.IDLE;
    head = null;
    match = null;
    problem = null;
    writer = null;
    deadline.set(
        connections.isStranger(context.channel()) ? limits.strangerMillis() : limits.idleMillis());
    want();
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    if (writer != null && writer.isPushing()) {
      ReferenceCountUtil.release(message);
      context.close(); // Nobody who waits for a stream's end has more to say.
      return;
    }
    if (state == State.LINGERING) {
      ReferenceCountUtil.release(message);
      context.read();
      return;
    }
    waiting.add(message);
    handleWanted();
  }

  /** Asks for the next message: one that waits here, else what comes. */
  private void want() {
    wanted = true;
    handleWanted();
  }

  private void handleWanted() {
    if (handling) {
      return; // Further up the stack it goes on.
    }
    handling = true;
    while (wanted && !waiting.isEmpty()) {
      wanted = false;
      handle(waiting.poll());
    }
    handling = false;
    if (wanted) {
      context.read();
    }
  }

  private void handle(Object message) {
    try {
      if (message instanceof HttpRequest request) {
        begin(request);
      } else if (message instanceof HttpContent content && state == State.BODY) {
        take(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    head = request;
    if (request.decoderResult().isFailure()) {
      refuse(unreadable(request.decoderResult().cause()));
      return;
    }
    state = State.BODY;
    body = new ByteArrayOutputStream();
    deadline.set(limits.bodyMillis());
    try {
      admit(request);
      if (HttpUtil.is100ContinueExpected(request)) {
        context.writeAndFlush(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
      }
    } catch (Problem refused) {
      if (hasBody(request)) {
        refuse(refused); // Without taking what nobody wants.
        return;
      }
      problem = refused;
    }
    want();
  }

  private static Problem unreadable(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException e ->
          Problem.of(414, "the request's first line has more than " + Limits.LINE + " bytes");
      case TooLongHttpHeaderException e ->
          Problem.of(
              431, "the request's header fields have more than " + Limits.HEADERS + " bytes");
      case null, default -> Problem.bad("this is not a request of HTTP/1.1");
    };
  }

  private void admit(HttpRequest request) throws Problem {
    HttpHeaders headers = request.headers();
    if (!request.protocolVersion().protocolName().toString().equals("HTTP")
        || request.protocolVersion().majorVersion() != 1) {
      throw Problem.of(505, "only HTTP/1.1 is spoken here");
    }
    match = routes.find(request.method().name(), Target.of(request));
    gate.check(headers, match.route().access());
    if (match.route().access() != Access.OPEN) {
      connections.know(context.channel());
    }
    long announced = HttpUtil.getContentLength(request, 0L);
    if (announced > match.route().maxBody()) {
      throw tooLarge();
    }
  }

  private Problem tooLarge() {
    int most = match.route().maxBody();
    return Problem.of(
        413, most == 0 ? "no body is taken here" : "a body has at most " + most + " bytes here");
  }

  private static boolean hasBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) != 0;
  }

  private void take(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      refuse(Problem.bad("the request's body is not sent as HTTP/1.1 says"));
      return;
    }
    ByteBuf bytes = content.content();
    int size = bytes.readableBytes();
    if (size > 0 && problem == null) {
      if (body.size() + size > match.route().maxBody()) {
        refuse(tooLarge());
        return;
      }
      if (!budget.take(size)) {
        refuse(Problem.of(503, "too much is being sent here at once").with("Retry-After", "1"));
        return;
      }
      taken += size;
      body.writeBytes(ByteBufUtil.getBytes(bytes));
    }
    if (content instanceof LastHttpContent) {
      answer();
    } else {
      want();
    }
  }

  private void answer() {
    state = State.ANSWERING;
    deadline.clear();
    if (problem != null) {
      send(new ReplyWriter.Answer(null, problem));
      return;
    }
    HttpHeaders headers = head.headers();
    Request request =
        new Request(
            match.variables(),
            match.query(),
            headers.get(HttpHeaderNames.ACCEPT, ""),
            headers.get(HttpHeaderNames.CONTENT_TYPE, ""),
            body.toByteArray());
    body = null;
    Route route = match.route();
    try {
      threads.execute(route.slow(), () -> handle(route, request));
    } catch (RejectedExecutionException e) {
      send(
          new ReplyWriter.Answer(
              null, Problem.of(503, "too many requests wait already").with("Retry-After", "1")));
    }
  }

  /** On a control thread. */
  private void handle(Route route, Request request) {
    ReplyWriter.Answer answer;
    try {
      answer = new ReplyWriter.Answer(route.handler().handle(request), null);
    } catch (Problem no) {
      answer = new ReplyWriter.Answer(null, no);
    } catch (RuntimeException | Error fault) {
      LOGGER.log(Level.ERROR, "a fault in " + route.method() + " " + route.path(), fault);
      answer =
          new ReplyWriter.Answer(
              null, Problem.of(500, "internal error, please report it: " + fault));
    }
    ReplyWriter.Answer done = answer;
    try {
      context.executor().execute(() -> send(done));
    } catch (RejectedExecutionException e) {
      // The listener is closed, and with it the connection.
      ReplyWriter.discard(done.reply());
    }
  }

  /** Answers and closes, whatever else is still coming. */
  private void refuse(Problem refused) {
    state = State.ANSWERING;
    giveBack();
    writer =
        new ReplyWriter(
            context,
            deadline,
            limits.stallMillis(),
            head.method().equals(HttpMethod.HEAD),
            false,
            this::linger);
    writer.send(new ReplyWriter.Answer(null, refused));
  }

  /**
   * Takes what is still coming for a moment, and drops it: were the connection closed at once, the
   * client would see it reset and never read the answer (RFC 9112, section 9.6).
   */
  private void linger() {
    state = State.LINGERING;
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    deadline.set(LINGER_MILLIS);
    if (context.channel() instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
    context.read();
  }

  private void send(ReplyWriter.Answer answer) {
    giveBack();
    if (!context.channel().isActive()) {
      ReplyWriter.discard(answer.reply());
      return;
    }
    writer =
        new ReplyWriter(
            context,
            deadline,
            limits.stallMillis(),
            head.method().equals(HttpMethod.HEAD),
            HttpUtil.isKeepAlive(head),
            HttpUtil.isKeepAlive(head) ? this::next : context::close);
    writer.send(answer);
  }

  private void giveBack() {
    budget.give(taken);
    taken = 0;
    body = null;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    if (writer != null) {
      // Not now: this may be in the middle of a write, or of the connection's end.
      changed.executor().execute(writer::goOn);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    deadline.clear();
    giveBack();
    waiting.forEach(ReferenceCountUtil::release);
    waiting.clear();
    if (writer != null) {
      writer.abandon();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
    // A client that is gone or does not speak TLS: nothing to tell anybody.
    LOGGER.log(Level.DEBUG, "a client's connection failed", cause);
    failed.close();
  }
}
