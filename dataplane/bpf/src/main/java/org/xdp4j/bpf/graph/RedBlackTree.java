package org.xdp4j.bpf.graph;

import java.lang.foreign.MemorySegment;

/**
 * Red-black trees ({@code struct bpf_rb_root}, {@code struct bpf_rb_node}). Programs may walk a
 * tree from its root, so its shape is seen: it is that of lib/rbtree.c after the same calls.
 *
 * <pre>
 *  root, 16 bytes:  | topmost | leftmost |
 *  node, 32 bytes:  | parent | right | left | owner |      parent: its lowest bit is 1 for black
 * </pre>
 */
public final class RedBlackTree {
  private static final int TOPMOST = 0;
  private static final int LEFTMOST = 8;
  private static final int PARENT = 0;
  private static final int RIGHT = 8;
  private static final int LEFT = 16;
  private static final int OWNER = 24;
  private static final long RED = 0;
  private static final long BLACK = 1;

  /** Whether the first of two nodes stands before the second. */
  @FunctionalInterface
  public interface Order {
    boolean isLess(long node, long other);
  }

  private final MemorySegment memory;
  private final long root;

  /** The tree whose root is at {@code root}. */
  public RedBlackTree(MemorySegment memory, long root) {
    this.memory = memory;
    this.root = root;
  }

  /**
   * Adds {@code node}, behind those that it is not less than.
   *
   * @return false when it is in a tree already
   */
  public boolean add(long node, Order order) {
    if (!Nodes.claim(memory, node + OWNER)) {
      return false;
    }
    long parent = 0;
    long link = root + TOPMOST;
    boolean leftmost = true;
    for (long at = get(link); at != 0; at = get(link)) {
      parent = at;
      boolean less = order.isLess(node, at);
      link = at + (less ? LEFT : RIGHT);
      leftmost &= less;
    }
    set(node + PARENT, parent | RED);
    set(node + LEFT, 0);
    set(node + RIGHT, 0);
    set(link, node);
    if (leftmost) {
      set(root + LEFTMOST, node);
    }
    balanceAdded(node);
    Nodes.setOwner(memory, node + OWNER, root);
    return true;
  }

  /** Takes {@code node} out; false when it is not in this tree. */
  public boolean remove(long node) {
    if (!owns(node)) {
      return false;
    }
    if (get(root + LEFTMOST) == node) {
      set(root + LEFTMOST, next(node));
    }
    long unbalanced = unlink(node);
    if (unbalanced != 0) {
      balanceRemoved(unbalanced);
    }
    Nodes.setOwner(memory, node + OWNER, 0);
    return true;
  }

  /** Whether {@code node} is in this tree. */
  public boolean owns(long node) {
    return Nodes.owner(memory, node + OWNER) == root;
  }

  /** The least node; 0 when there is none. */
  public long first() {
    return get(root + LEFTMOST);
  }

  /** The topmost node; 0 when there is none. */
  public long top() {
    return get(root + TOPMOST);
  }

  /** The node below {@code node} on its left; 0 for none. */
  public long left(long node) {
    return get(node + LEFT);
  }

  /** The node below {@code node} on its right; 0 for none. */
  public long right(long node) {
    return get(node + RIGHT);
  }

  private long get(long address) {
    return Nodes.get(memory, address);
  }

  private void set(long address, long value) {
    Nodes.set(memory, address, value);
  }

  private long parent(long node) {
    return get(node + PARENT) & ~BLACK;
  }

  private boolean isBlack(long node) {
    return node == 0 || (get(node + PARENT) & BLACK) != 0;
  }

  private void setParent(long node, long parent, long color) {
    set(node + PARENT, parent | color);
  }

  private long color(long node) {
    return get(node + PARENT) & BLACK;
  }

  /** The node behind {@code node}, which has nothing on its left; 0 for none. */
  private long next(long node) {
    long at = right(node);
    if (at != 0) {
      while (left(at) != 0) {
        at = left(at);
      }
      return at;
    }
    long below = node;
    at = parent(node);
    while (at != 0 && right(at) == below) {
      below = at;
      at = parent(at);
    }
    return at;
  }

  /** Puts {@code other} (0 for nothing) where {@code node} hangs below {@code parent}. */
  private void replace(long node, long other, long parent) {
    if (parent == 0) {
      set(root + TOPMOST, other);
    } else if (left(parent) == node) {
      set(parent + LEFT, other);
    } else {
      set(parent + RIGHT, other);
    }
  }

  /** {@code upper} takes the place and color of {@code lower}, which comes below it. */
  private void rotated(long lower, long upper, long color) {
    long above = parent(lower);
    set(upper + PARENT, get(lower + PARENT));
    setParent(lower, upper, color);
    replace(lower, upper, above);
  }

  /** What hangs on the side of {@code node} is {@code child} now; it is black. */
  private void hang(long node, int side, long child) {
    set(node + side, child);
    if (child != 0) {
      setParent(child, node, BLACK);
    }
  }

  private static int other(int side) {
    return side == LEFT ? RIGHT : LEFT;
  }

  /** A red node was added: no red one may be below another. */
  private void balanceAdded(long added) {
    long node = added;
    long parent = parent(node);
    while (true) {
      if (parent == 0) {
        setParent(node, 0, BLACK);
        return;
      }
      if (isBlack(parent)) {
        return;
      }
      long above = parent(parent);
      int side = left(above) == parent ? LEFT : RIGHT;
      long uncle = get(above + other(side));
      if (!isBlack(uncle)) {
        setParent(uncle, above, BLACK);
        setParent(parent, above, BLACK);
        node = above;
        parent = parent(node);
        setParent(node, parent, RED);
        continue;
      }
      long inner = get(parent + other(side));
      if (inner == node) {
        inner = get(node + side);
        hang(parent, other(side), inner);
        set(node + side, parent);
        setParent(parent, node, RED);
        parent = node;
        inner = get(node + other(side));
      }
      hang(above, side, inner);
      set(parent + other(side), above);
      rotated(above, parent, RED);
      return;
    }
  }

  /** Takes the node out; returns the one below which a black one is missing, 0 for none. */
  private long unlink(long node) {
    long left = left(node);
    long right = right(node);
    long above = parent(node);
    if (left == 0 || right == 0) {
      long child = left == 0 ? right : left;
      long place = get(node + PARENT);
      replace(node, child, above);
      if (child != 0) {
        set(child + PARENT, place);
        return 0;
      }
      return (place & BLACK) != 0 ? above : 0;
    }
    long successor = right;
    long parent = successor;
    if (left(right) != 0) {
      while (left(successor) != 0) {
        parent = successor;
        successor = left(successor);
      }
    }
    long child = right(successor);
    if (successor != right) {
      set(parent + LEFT, child);
      set(successor + RIGHT, right);
      setParent(right, successor, color(right));
    }
    set(successor + LEFT, left);
    setParent(left, successor, color(left));
    long place = get(node + PARENT);
    boolean wasBlack = isBlack(successor);
    replace(node, successor, above);
    set(successor + PARENT, place);
    if (child != 0) {
      setParent(child, parent, BLACK);
      return 0;
    }
    return wasBlack ? parent : 0;
  }

  /** Paths through {@code below} on the side where nothing or {@code node} hangs lack a black. */
  private void balanceRemoved(long below) {
    long parent = below;
    long node = 0;
    while (true) {
      int side = right(parent) == node ? RIGHT : LEFT;
      int far = other(side);
      long sibling = get(parent + far);
      if (!isBlack(sibling)) {
        long near = get(sibling + side);
        hang(parent, far, near);
        set(sibling + side, parent);
        rotated(parent, sibling, RED);
        sibling = near;
      }
      long outer = get(sibling + far);
      if (isBlack(outer)) {
        long inner = get(sibling + side);
        if (isBlack(inner)) {
          setParent(sibling, parent, RED);
          if (!isBlack(parent)) {
            set(parent + PARENT, get(parent + PARENT) | BLACK);
            return;
          }
          node = parent;
          parent = parent(node);
          if (parent == 0) {
            return;
          }
          continue;
        }
        long grandchild = get(inner + far);
        hang(sibling, side, grandchild);
        set(inner + far, sibling);
        set(parent + far, inner);
        outer = sibling;
        sibling = inner;
      }
      long inner = get(sibling + side);
      set(parent + far, inner);
      set(sibling + side, parent);
      setParent(outer, sibling, BLACK);
      if (inner != 0) {
        setParent(inner, parent, color(inner));
      }
      rotated(parent, sibling, BLACK);
      return;
    }
  }
}
