package org.xdp4j.daemon.control;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** Takes AF_UNIX connections of the socket's owner and of root, and of nobody else. */
final class Peers implements Predicate<Channel> {
  private static final Logger LOGGER = System.getLogger(Peers.class.getName());

  private final UserPrincipal owner;
  private final UserPrincipal root;

  private Peers(UserPrincipal owner, UserPrincipal root) {
    this.owner = owner;
    this.root = root;
  }

  /** Those that may connect to this socket. */
  static Peers of(Path socket) throws IOException {
    return new Peers(
        Files.getOwner(socket),
        socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("root"));
  }

  @Override
  public boolean test(Channel accepted) {
    UnixDomainPrincipal peer =
        accepted.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    boolean may = peer != null && (peer.user().equals(owner) || peer.user().equals(root));
    if (!may) {
      LOGGER.log(
          Level.WARNING,
          "a connection of {0} to the control socket is refused",
          peer == null ? "an unknown user" : peer.user().getName());
    }
    return may;
  }
}
