package org.xdp4j.bpf.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;

/** A tree keeps its order and its balance whatever is added and removed. */
class RedBlackTreeTest {
  private static final int NODES = 200;
  private static final int STEPS = 20_000;
  private static final int NODE = 32;

  private final Region region = Region.commit(1 << 16);
  private final MemorySegment memory = region.segment();
  private final long root = region.allocate(16, 8);

  /** A node, and its key behind it. */
  private final long nodes = region.allocate((NODE + 8L) * NODES, 8);

  private final RedBlackTree tree = new RedBlackTree(memory, root);

  private long node(int number) {
    return nodes + (NODE + 8L) * number;
  }

  private long key(long node) {
    return memory.get(Region.LONG, node + NODE);
  }

  @Test
  void randomAdditionsAndRemovalsLeaveABalancedTree() {
    Random random = new Random(3);
    boolean[] isIn = new boolean[NODES];
    int count = 0;
    for (int step = 0; step < STEPS; step++) {
      int number = random.nextInt(NODES);
      long node = node(number);
      if (isIn[number]) {
        assertThat(tree.add(node, (a, b) -> true)).as("it is in a tree already").isFalse();
        assertThat(tree.remove(node)).isTrue();
        assertThat(tree.remove(node)).isFalse();
        count--;
      } else {
        memory.set(Region.LONG, node + NODE, random.nextInt(50));
        assertThat(tree.add(node, (a, b) -> key(a) < key(b))).isTrue();
        count++;
      }
      isIn[number] = !isIn[number];
      if (step % 16 == 0) {
        check(count);
      }
    }
  }

  private void check(int count) {
    List<Long> inOrder = new ArrayList<>();
    if (tree.top() != 0) {
      assertThat(isBlack(tree.top())).isTrue();
      blackHeight(tree.top(), inOrder);
    }
    assertThat(inOrder).hasSize(count).isSorted();
    assertThat(tree.first() == 0 ? List.of() : List.of(key(tree.first())))
        .isEqualTo(inOrder.isEmpty() ? List.of() : List.of(inOrder.getFirst()));
  }

  private boolean isBlack(long node) {
    return node == 0 || (memory.get(Region.LONG, node) & 1) != 0;
  }

  /** Black nodes on every way down, which must be as many. */
  private int blackHeight(long node, List<Long> inOrder) {
    if (node == 0) {
      return 0;
    }
    if (!isBlack(node)) {
      assertThat(isBlack(tree.left(node)) && isBlack(tree.right(node)))
          .as("no red node below another")
          .isTrue();
    }
    int left = blackHeight(tree.left(node), inOrder);
    inOrder.add(key(node));
    assertThat(blackHeight(tree.right(node), inOrder)).isEqualTo(left);
    return left + (isBlack(node) ? 1 : 0);
  }

  @Test
  void aNodeOfAnotherTreeIsNotRemoved() {
    RedBlackTree other = new RedBlackTree(memory, region.allocate(16, 8));
    assertThat(other.add(node(0), (a, b) -> true)).isTrue();
    assertThat(tree.remove(node(0))).isFalse();
    assertThat(other.owns(node(0))).isTrue();
  }
}
