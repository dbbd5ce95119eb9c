package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.FUNCTION;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.LENT_RB_NODE;
import static org.xdp4j.bpf.helper.ArgumentKind.RB_NODE;
import static org.xdp4j.bpf.helper.ArgumentKind.RB_ROOT;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.KfuncSpec.Flag.UNDER_LOCK;

import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.graph.RedBlackTree;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.ObjectFields;

/** Trees of objects (kernel/bpf/helpers.c); the lock beside the root is held. */
public final class TreeKfuncs {
  /** The name of the one that calls back. */
  public static final String ADD = "bpf_rbtree_add_impl";

  private static final long LOW = 0xffffffffL;

  private TreeKfuncs() {}

  static void declare(KfuncTable table) {
    Class<TreeKfuncs> here = TreeKfuncs.class;
    table
        .row(ADD)
        .takes(RB_ROOT, RB_NODE, FUNCTION, IGNORED, SCALAR)
        .is(UNDER_LOCK)
        .by(here, "add");
    table
        .row("bpf_rbtree_remove")
        .takes(RB_ROOT, LENT_RB_NODE)
        .is(UNDER_LOCK)
        .returns(ReturnKind.NODE_OR_NULL)
        .by(here, "remove");
    look(table, "bpf_rbtree_first", "first", RB_ROOT);
    look(table, "bpf_rbtree_root", "root", RB_ROOT);
    look(table, "bpf_rbtree_left", "left", RB_ROOT, LENT_RB_NODE);
    look(table, "bpf_rbtree_right", "right", RB_ROOT, LENT_RB_NODE);
  }

  private static void look(KfuncTable table, String name, String method, ArgumentKind... kinds) {
    table
        .row(name)
        .takes(kinds)
        .is(UNDER_LOCK)
        .returns(ReturnKind.LENT_NODE_OR_NULL)
        .by(TreeKfuncs.class, method);
  }

  private static RedBlackTree tree(XdpContext ctx, long root) {
    return new RedBlackTree(ctx.region.segment(), root);
  }

  /**
   * {@code bpf_rbtree_add_impl(root, node, less, meta, off)}: 0, or -EINVAL and it is dropped. The
   * callback {@code bool less(node, other)} is the program's.
   */
  public static long add(XdpContext ctx, long root, long node, long less, long r4, long r5) {
    Subprograms subprograms = ctx.subprograms;
    long frame = ctx.calleeFrame;
    ctx.region.objects().publish(node);
    boolean added =
        tree(ctx, root).add(node, (a, b) -> subprograms.call(ctx, less, a, b, 0, 0, 0, frame) != 0);
    if (added) {
      return 0;
    }
    ObjectFields.drop(ctx.region, ctx.region.objects().startOf(node));
    return Errno.EINVAL & LOW;
  }

  /** {@code bpf_rbtree_remove(root, node)}: it, or 0 when it is not in this tree. */
  public static long remove(XdpContext ctx, long root, long node, long r3, long r4, long r5) {
    return tree(ctx, root).remove(node) ? node : 0;
  }

  /** {@code bpf_rbtree_first(root)}: the least node, or 0. */
  public static long first(XdpContext ctx, long root, long r2, long r3, long r4, long r5) {
    return tree(ctx, root).first();
  }

  /** {@code bpf_rbtree_root(root)}: the topmost node, or 0. */
  public static long root(XdpContext ctx, long root, long r2, long r3, long r4, long r5) {
    return tree(ctx, root).top();
  }

  /** {@code bpf_rbtree_left(root, node)}: the one below it on the left, or 0. */
  public static long left(XdpContext ctx, long root, long node, long r3, long r4, long r5) {
    RedBlackTree tree = tree(ctx, root);
    return tree.owns(node) ? tree.left(node) : 0;
  }

  /** {@code bpf_rbtree_right(root, node)}: the one below it on the right, or 0. */
  public static long right(XdpContext ctx, long root, long node, long r3, long r4, long r5) {
    RedBlackTree tree = tree(ctx, root);
    return tree.owns(node) ? tree.right(node) : 0;
  }
}
