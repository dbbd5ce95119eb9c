package org.xdp4j.bpf.map;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * The NUMA nodes that a map may ask for by {@link MapSpec#F_NUMA_NODE}, as {@code map_create} of
 * the kernel looks for them: those of this machine that are on line, where Linux tells, else node
 * 0, which every machine has. Memory here is one region, so a node is only checked, not obeyed.
 */
final class NumaNodes {
  /** NUMA_NO_NODE: no node in particular, which may be asked for by the flag, too. */
  static final int NONE = -1;

  /** The kernel's largest number of nodes, 1 &lt;&lt; NODES_SHIFT. */
  private static final int MOST = 1 << 10;

  private static final BitSet ONLINE = read(Path.of("/sys/devices/system/node/online"));

  private NumaNodes() {}

  /** Whether a map may be made on this node. */
  static boolean has(int node) {
    return node == NONE || node >= 0 && ONLINE.get(node);
  }

  private static BitSet read(Path file) {
    try {
      return parse(Files.readString(file).trim());
    } catch (IOException | IllegalArgumentException e) {
      return parse("0"); // no Linux, or one that does not tell
    }
  }

  /**
   * Nodes of a list as Linux writes it: {@code 0-1,3}.
   *
   * @throws IllegalArgumentException when it is none
   */
  static BitSet parse(String list) {
    BitSet nodes = new BitSet();
    for (String part : list.split(",")) {
      int dash = part.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
      if (first < 0 || last < first || last >= MOST) {
        throw new IllegalArgumentException("no list of nodes: " + list);
      }
      nodes.set(first, last + 1);
    }
    return nodes;
  }

  /** The nodes there are, for a sentence. */
  static String text() {
    return ONLINE.toString().replaceAll("[{}]", "");
  }
}
