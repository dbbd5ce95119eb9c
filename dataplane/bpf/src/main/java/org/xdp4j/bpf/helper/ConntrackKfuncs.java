package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONNECTION;
import static org.xdp4j.bpf.helper.ArgumentKind.CONTEXT;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_16;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_4;
import static org.xdp4j.bpf.helper.ArgumentKind.MEM_64;
import static org.xdp4j.bpf.helper.ArgumentKind.NEW_CONNECTION;
import static org.xdp4j.bpf.helper.ArgumentKind.READ_WRITE_MEM_OR_NULL;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_CONNECTION;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_NEW_CONNECTION;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_TRANSFORM;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * Connection tracking (net/netfilter/nf_conntrack_bpf.c), flow tables (nf_flow_table_bpf.c) and
 * IPsec (net/xfrm/xfrm_state_bpf.c). No kernel tracks connections here, so none is found and none
 * is made; the reasons are those of Linux.
 *
 * <pre>
 *  struct bpf_ct_opts, 12 or 16 bytes, and bpf_xfrm_state_opts, 36 bytes
 *   0 netns_id   4 error   8 l4proto   9 dir   10 reserved, or ct_zone_id   12 ct_zone_dir   13 reserved
 *   0 error   4 netns_id   8 mark   12 daddr   28 spi   32 proto   33 reserved   34 family
 * </pre>
 */
public final class ConntrackKfuncs {
  private static final String NO_CONNECTION = "NULL and -ENOENT: there is no connection";
  private static final String NEVER = "never runs: there is no connection to call it with";

  private static final int OLD_OPTIONS = 12;
  private static final int OPTIONS = 16;
  private static final int ERROR = 4;
  private static final int PROTOCOL = 8;
  private static final int RESERVED = 10;
  private static final int ZONE_DIRECTION = 12;
  private static final int LAST_RESERVED = 13;

  /** {@code NF_CT_DEFAULT_ZONE_DIR}, which Linux writes to options that name no direction. */
  private static final byte BOTH_DIRECTIONS = 3;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int IPV4_TUPLE = 12;
  private static final int IPV6_TUPLE = 36;

  private static final int TRANSFORM_OPTIONS = 36;

  private static final int FLOW_OPTIONS = 4;
  private static final byte AF_INET = 2;
  private static final byte AF_INET6 = 10;

  private ConntrackKfuncs() {}

  static void declare(KfuncTable table) {
    Class<ConntrackKfuncs> here = ConntrackKfuncs.class;
    table
        .row("bpf_xdp_ct_lookup")
        .takes(CONTEXT, READ_WRITE_MEM_OR_NULL, SIZE_OR_ZERO, READ_WRITE_MEM_OR_NULL, SIZE_OR_ZERO)
        .returns(ReturnKind.CONNECTION_OR_NULL)
        .answers(NO_CONNECTION)
        .by(here, "lookup");
    table
        .row("bpf_xdp_ct_alloc")
        .takes(CONTEXT, READ_WRITE_MEM_OR_NULL, SIZE_OR_ZERO, READ_WRITE_MEM_OR_NULL, SIZE_OR_ZERO)
        .returns(ReturnKind.NEW_CONNECTION_OR_NULL)
        .answers("NULL and -ENOMEM: there is nothing to keep a connection in")
        .by(here, "allocate");
    table
        .row("bpf_ct_insert_entry")
        .takes(RELEASED_NEW_CONNECTION)
        .returns(ReturnKind.CONNECTION_OR_NULL)
        .answers(NEVER)
        .by(here, "none");
    table
        .row("bpf_ct_release")
        .takes(RELEASED_CONNECTION)
        .returns(ReturnKind.VOID)
        .answers(NEVER)
        .by(here, "none");
    never(table, "bpf_ct_set_timeout", ReturnKind.VOID, NEW_CONNECTION, SCALAR);
    never(table, "bpf_ct_change_timeout", ReturnKind.INTEGER, CONNECTION, SCALAR);
    never(table, "bpf_ct_set_status", ReturnKind.INTEGER, NEW_CONNECTION, SCALAR);
    never(table, "bpf_ct_change_status", ReturnKind.INTEGER, CONNECTION, SCALAR);
    ArgumentKind[] nat = {NEW_CONNECTION, MEM_16, SCALAR, SCALAR};
    never(table, "bpf_ct_set_nat_info", ReturnKind.INTEGER, nat);
    table
        .row("bpf_xdp_flow_lookup")
        .takes(CONTEXT, MEM_64, MEM_4, SCALAR)
        .returns(ReturnKind.FLOW_OR_NULL)
        .answers("NULL and -ENOENT: no interface has a flow table")
        .by(here, "flow");
    table
        .row("bpf_xdp_get_xfrm_state")
        .takes(CONTEXT, READ_WRITE_MEM_OR_NULL, SIZE_OR_ZERO)
        .returns(ReturnKind.TRANSFORM_OR_NULL)
        .answers("NULL and -ENOENT: there is no security association")
        .by(here, "transform");
    table
        .row("bpf_xdp_xfrm_state_release")
        .takes(RELEASED_TRANSFORM)
        .returns(ReturnKind.VOID)
        .answers("never runs: there is no security association to call it with")
        .by(here, "none");
  }

  private static void never(
      KfuncTable table, String name, ReturnKind returns, ArgumentKind... arguments) {
    table
        .row(name)
        .takes(arguments)
        .returns(returns)
        .answers(NEVER)
        .by(ConntrackKfuncs.class, "none");
  }

  /** What nothing is found to be called with. */
  public static long none(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }

  /** {@code bpf_xdp_ct_lookup(ctx, tuple, u32 size, opts, u32 size)}: NULL, and why. */
  public static long lookup(
      XdpContext ctx, long r1, long tuple, long tupleSize, long options, long size) {
    return nothing(ctx.region.segment(), tuple, tupleSize, options, size, Errno.ENOENT);
  }

  /** {@code bpf_xdp_ct_alloc(ctx, tuple, u32 size, opts, u32 size)}: NULL, and why. */
  public static long allocate(
      XdpContext ctx, long r1, long tuple, long tupleSize, long options, long size) {
    return nothing(ctx.region.segment(), tuple, tupleSize, options, size, Errno.ENOMEM);
  }

  /** Says why, which is {@code otherwise} when what it was given is in order. */
  private static long nothing(
      MemorySegment memory, long tuple, long tupleSize, long options, long size, int otherwise) {
    fail(memory, options, size, refusal(memory, tuple, (int) tupleSize, options, size, otherwise));
    return 0;
  }

  private static void fail(MemorySegment memory, long options, long size, int error) {
    // Linux says why even behind options that do not reach as far, which was not proved safe.
    if (options != 0 && (size & 0xFFFFFFFFL) >= ERROR + Integer.BYTES) {
      memory.set(Region.INT, options + ERROR, error);
    }
  }

  /** What Linux has against it, in the order it looks; {@code otherwise} for nothing. */
  private static int refusal(
      MemorySegment memory, long tuple, int tupleSize, long options, long size, int otherwise) {
    boolean known = size == OPTIONS || size == OLD_OPTIONS;
    if (options == 0 || tuple == 0 || !known || !isClear(memory, options, (int) size)) {
      return Errno.EINVAL;
    }
    int protocol = memory.get(Region.BYTE, options + PROTOCOL);
    if (protocol != TCP && protocol != UDP) {
      return Errno.EPROTO;
    }
    if (memory.get(Region.INT, options) < -1) {
      return Errno.EINVAL;
    }
    if (tupleSize != IPV4_TUPLE && tupleSize != IPV6_TUPLE) {
      return Errno.EAFNOSUPPORT;
    }
    if (memory.get(Region.INT, options) >= 0) {
      return Errno.ENONET;
    }
    if (size == OPTIONS && memory.get(Region.BYTE, options + ZONE_DIRECTION) == 0) {
      memory.set(Region.BYTE, options + ZONE_DIRECTION, BOTH_DIRECTIONS);
    }
    return otherwise;
  }

  /** Whether what is reserved in options of this size is 0. */
  private static boolean isClear(MemorySegment memory, long options, int size) {
    if (size == OLD_OPTIONS) {
      return memory.get(Region.SHORT, options + RESERVED) == 0;
    }
    return memory.get(Region.BYTE, options + LAST_RESERVED) == 0
        && memory.get(Region.SHORT, options + LAST_RESERVED + 1) == 0;
  }

  /**
   * {@code bpf_xdp_flow_lookup(ctx, struct bpf_fib_lookup *, struct bpf_flowtable_opts *, u32
   * size)}: NULL, and why.
   */
  public static long flow(XdpContext ctx, long r1, long tuple, long options, long size, long r5) {
    MemorySegment memory = ctx.region.segment();
    int error = Errno.ENOENT;
    if ((int) size != FLOW_OPTIONS) {
      error = Errno.EINVAL;
    } else {
      byte family = memory.get(Region.BYTE, tuple);
      error = family == AF_INET || family == AF_INET6 ? error : Errno.EAFNOSUPPORT;
    }
    memory.set(Region.INT, options, error);
    return 0;
  }

  /** {@code bpf_xdp_get_xfrm_state(ctx, opts, u32 size)}: NULL, and why. */
  public static long transform(XdpContext ctx, long r1, long options, long size, long r4, long r5) {
    MemorySegment memory = ctx.region.segment();
    if (options == 0 || (size & 0xFFFFFFFFL) < Integer.BYTES) {
      return 0;
    }
    int error = Errno.ENOENT;
    if (size != TRANSFORM_OPTIONS || memory.get(Region.INT, options + 4) < -1) {
      error = Errno.EINVAL;
    } else if (memory.get(Region.INT, options + 4) >= 0) {
      error = Errno.ENONET;
    }
    memory.set(Region.INT, options, error);
    return 0;
  }
}
