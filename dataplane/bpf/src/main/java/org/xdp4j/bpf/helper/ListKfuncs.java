package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.LIST_HEAD;
import static org.xdp4j.bpf.helper.ArgumentKind.LIST_NODE;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.UNDER_LOCK;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.graph.LinkedList;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.ObjectFields;

/** Lists of objects (kernel/bpf/helpers.c); the lock beside the head is held. */
public final class ListKfuncs {
  private static final long LOW = 0xffffffffL;

  private ListKfuncs() {}

  static void declare(KfuncTable table) {
    push(table, "bpf_list_push_front_impl", "pushFront");
    push(table, "bpf_list_push_back_impl", "pushBack");
    take(table, "bpf_list_pop_front", ReturnKind.NODE_OR_NULL, "popFront");
    take(table, "bpf_list_pop_back", ReturnKind.NODE_OR_NULL, "popBack");
    take(table, "bpf_list_front", ReturnKind.LENT_NODE_OR_NULL, "front");
    take(table, "bpf_list_back", ReturnKind.LENT_NODE_OR_NULL, "back");
  }

  private static void push(KfuncTable table, String name, String method) {
    table
        .row(name)
        .takes(LIST_HEAD, LIST_NODE, IGNORED, SCALAR)
        .is(UNDER_LOCK)
        .by(ListKfuncs.class, method);
  }

  private static void take(KfuncTable table, String name, ReturnKind returns, String method) {
    table.row(name).takes(LIST_HEAD).is(UNDER_LOCK).returns(returns).by(ListKfuncs.class, method);
  }

  /** {@code bpf_list_push_front_impl(head, node, meta, off)}: 0, or -EINVAL and it is dropped. */
  public static long pushFront(XdpContext ctx, long head, long node, long r3, long r4, long r5) {
    return push(ctx, head, node, true);
  }

  /** {@code bpf_list_push_back_impl(head, node, meta, off)}: 0, or -EINVAL and it is dropped. */
  public static long pushBack(XdpContext ctx, long head, long node, long r3, long r4, long r5) {
    return push(ctx, head, node, false);
  }

  private static long push(XdpContext ctx, long head, long node, boolean front) {
    ctx.region.objects().publish(node);
    if (LinkedList.push(ctx.region.segment(), head, node, front)) {
      return 0;
    }
    ObjectFields.drop(ctx.region, ctx.region.objects().startOf(node));
    return Errno.EINVAL & LOW;
  }

  /** {@code bpf_list_pop_front(head)}: the node, or 0. */
  public static long popFront(XdpContext ctx, long head, long r2, long r3, long r4, long r5) {
    return LinkedList.pop(ctx.region.segment(), head, true);
  }

  /** {@code bpf_list_pop_back(head)}: the node, or 0. */
  public static long popBack(XdpContext ctx, long head, long r2, long r3, long r4, long r5) {
    return LinkedList.pop(ctx.region.segment(), head, false);
  }

  /** {@code bpf_list_front(head)}: the first node, which stays where it is, or 0. */
  public static long front(XdpContext ctx, long head, long r2, long r3, long r4, long r5) {
    return LinkedList.peek(ctx.region.segment(), head, true);
  }

  /** {@code bpf_list_back(head)}: the last node, which stays where it is, or 0. */
  public static long back(XdpContext ctx, long head, long r2, long r3, long r4, long r5) {
    return LinkedList.peek(ctx.region.segment(), head, false);
  }
}
