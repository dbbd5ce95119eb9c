package org.xdp4j.daemon.control.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Takes connections at one address. Each listener has an event loop and control threads of its own,
 * so that the clients of one cannot keep those of another waiting.
 */
public final class Listener implements AutoCloseable {
  private static final int BACKLOG = 64;

  /** How long clients of an address that is left have to go by themselves, in milliseconds. */
  private static final int PATIENCE = 5_000;

  private static final int LOOK = 50;
  private static final int LOW_WATER = Limits.WAITING / 2;

  private static final ChannelOption<Boolean> SHARED =
      NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);

  private final MultiThreadIoEventLoopGroup loop;
  private final ControlThreads threads;
  private final ConnectionLimit connections;
  private final BodyBudget budget;
  private final Channel channel;
  private boolean closed;

  /** It is being closed, or was. */
  private volatile boolean ending;

  private Listener(
      MultiThreadIoEventLoopGroup loop,
      ControlThreads threads,
      ConnectionLimit connections,
      BodyBudget budget,
      Channel channel) {
    this.loop = loop;
    this.threads = threads;
    this.connections = connections;
    this.budget = budget;
    this.channel = channel;
  }

  /**
   * What a listener needs to know.
   *
   * @param name of its threads
   * @param routes what may be asked for
   * @param gate who may ask
   * @param peers which connections are taken at all
   * @param tls asked at each connection; gives null for none
   * @param limits what clients may cost
   */
  public record Setup(
      String name,
      Routes routes,
      Gate gate,
      Predicate<Channel> peers,
      Supplier<SslContext> tls,
      Limits limits) {}

  /** Listens on an AF_UNIX socket, which must not be there yet. */
  public static Listener unix(SocketAddress address, Setup setup) throws IOException {
    return bind(new ServerBootstrap().channel(NioServerDomainSocketChannel.class), address, setup);
  }

  /**
   * Listens on TCP. Connections wait until {@link #accept} says that they are taken.
   *
   * @param shared whether the port may be one that this user listens on already at an overlapping
   *     address, if both {@linkplain #share share} it
   */
  public static Listener tcp(SocketAddress address, Setup setup, boolean shared)
      throws IOException {
    return bind(
        new ServerBootstrap()
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(SHARED, shared ? true : null),
        address,
        setup);
  }

  private static Listener bind(ServerBootstrap bootstrap, SocketAddress address, Setup setup)
      throws IOException {
    MultiThreadIoEventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(setup.name() + "-io", true), NioIoHandler.newFactory());
    ControlThreads threads = new ControlThreads(setup.name());
    ConnectionLimit connections =
        new ConnectionLimit(setup.limits().connections(), setup.gate() != Gate.OPEN);
    BodyBudget budget = new BodyBudget(setup.limits().bodyBytes());
    bootstrap
        .group(loop)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(LOW_WATER, Limits.WAITING))
        .childHandler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel accepted) {
                if (setup.peers().test(accepted)) {
                  fill(accepted.pipeline(), setup, connections, threads, budget);
                } else {
                  accepted.close();
                }
              }
            });
    try {
      Channel channel = bootstrap.bind(address).syncUninterruptibly().channel();
      return new Listener(loop, threads, connections, budget, channel);
    } catch (Exception e) {
      loop.shutdownGracefully();
      threads.close();
      // Netty throws what bind found as it is, checked or not.
      throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }

  private static void fill(
      ChannelPipeline pipeline,
      Setup setup,
      ConnectionLimit connections,
      ControlThreads threads,
      BodyBudget budget) {
    pipeline.addLast(connections);
    SslContext context = setup.tls().get();
    if (context != null) {
      var tls = context.newHandler(pipeline.channel().alloc());
      tls.setHandshakeTimeoutMillis(setup.limits().strangerMillis());
      pipeline.addLast(tls);
    }
    pipeline.addLast(
        new HttpServerCodec(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(Limits.LINE)
                .setMaxHeaderSize(Limits.HEADERS)
                .setMaxChunkSize(Limits.WAITING)));
    pipeline.addLast(
        new RequestHandler(
            setup.routes(), setup.gate(), connections, threads, budget, setup.limits()));
  }

  /** Where it listens; of TCP with the port that the system chose. */
  public SocketAddress address() {
    return channel.localAddress();
  }

  /** Connections that are open. */
  public int connections() {
    return connections.open();
  }

  /** Bytes of requests' bodies that are kept now. */
  public long bodyBytes() {
    return budget.taken();
  }

  /** Takes connections from now on, those first that have been waiting. */
  public void accept() {
    channel.config().setAutoRead(true);
  }

  /**
   * Lets another listener of this user have the same port at an overlapping address, or not.
   * Systems without SO_REUSEPORT never do.
   */
  public void share(boolean may) {
    channel.config().setOption(SHARED, may);
  }

  /** Takes no more connections; those there are go on. */
  public synchronized void stopListening() {
    if (!closed) {
      channel.close().syncUninterruptibly();
    }
  }

  /**
   * Takes no more connections, and closes once those there are have ended, or after a while. The
   * client that asked for it may be among them, and gets its answer.
   *
   * @param gone called once it is closed
   */
  public void leave(Runnable gone) {
    stopListening();
    Thread.ofVirtual()
        .name("control-leaving")
        .start(
            () -> {
              try {
                for (int i = 0; i < PATIENCE && connections() > 0 && !ending; i += LOOK) {
                  Thread.sleep(LOOK);
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              close();
              gone.run();
            });
  }

  /**
   * Takes no more connections, ends those there are, and waits for its threads. Whoever calls it
   * again, or at the same time, returns once that is done.
   */
  @Override
  public void close() {
    ending = true;
    end();
  }

  private synchronized void end() {
    stopListening();
    closed = true;
    threads.close();
    connections.closeAll();
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
