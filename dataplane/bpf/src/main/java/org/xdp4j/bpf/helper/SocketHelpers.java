package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.BTF_SOCK;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_SOCK;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;
import static org.xdp4j.bpf.helper.ArgumentKind.SOCK;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/**
 * Sockets (net/core/filter.c). They belong to a kernel, so no lookup finds one; whatever takes a
 * socket is only ever reached in code behind a check that there is none.
 */
public final class SocketHelpers {
  private static final String NOT_FOUND = "NULL: there is no socket";
  private static final String NEVER = "never runs: there is no socket to call it with";

  private SocketHelpers() {}

  static void declare(HelperTable table) {
    lookup(table, 84, "sk_lookup_tcp", ReturnKind.SOCKET_OR_NULL);
    lookup(table, 85, "sk_lookup_udp", ReturnKind.SOCKET_OR_NULL);
    lookup(table, 99, "skc_lookup_tcp", ReturnKind.SOCK_COMMON_OR_NULL);
    table
        .row(86, "sk_release")
        .takes(RELEASED_SOCK)
        .answers(NEVER)
        .by(SocketHelpers.class, "release");
    cookie(table, 100, "tcp_check_syncookie");
    cookie(table, 110, "tcp_gen_syncookie");
    cast(table, 136, "tcp6_sock", BTF_SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
    cast(table, 137, "tcp_sock", BTF_SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
    cast(table, 138, "tcp_timewait_sock", BTF_SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
    cast(table, 139, "tcp_request_sock", BTF_SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
    cast(table, 140, "udp6_sock", BTF_SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
    cast(table, 178, "unix_sock", BTF_SOCK, ReturnKind.UNTRACKED_KERNEL_STRUCT_OR_NULL);
    cast(table, 196, "mptcp_sock", SOCK, ReturnKind.KERNEL_STRUCT_OR_NULL);
  }

  private static void lookup(HelperTable table, int id, String name, ReturnKind found) {
    table
        .row(id, name)
        .takes(CONTEXT, MEM, SIZE_OR_ZERO, ANYTHING, ANYTHING)
        .returns(found)
        .readsPacket()
        .answers(NOT_FOUND)
        .by(SocketHelpers.class, "none");
  }

  private static void cookie(HelperTable table, int id, String name) {
    table
        .row(id, name)
        .takes(BTF_SOCK, MEM, SIZE, MEM, SIZE)
        .gplOnly()
        .readsPacket()
        .answers(NEVER)
        .by(SocketHelpers.class, "release");
  }

  private static void cast(
      HelperTable table, int id, String struct, ArgumentKind socket, ReturnKind found) {
    table
        .row(id, "skc_to_" + struct)
        .takes(socket)
        .casts(found, struct)
        .answers(NEVER)
        .by(SocketHelpers.class, "none");
  }

  /** {@code bpf_sk_lookup_tcp(ctx, tuple, u32 size, u64 netns, u64 flags)} and its kin: NULL. */
  public static long none(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }

  /** {@code bpf_sk_release(sk)} and SYN cookies of a listening socket: -EINVAL, for no socket. */
  public static long release(XdpContext ctx, long sk, long r2, long r3, long r4, long r5) {
    return Errno.EINVAL;
  }
}
