package org.xdp4j.bpf.text;

import java.util.Set;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/** Knows the types whose numbers lie in network order (linux/types.h). */
final class NetworkOrder {
  private static final Set<String> NAMES = Set.of("__be16", "__be32", "__be64");

  private NetworkOrder() {}

  /** Whether {@code type} is one of them, or stands for one. */
  static boolean isNetworkOrder(Btf btf, int type) {
    int at = type;
    while (btf.type(at) instanceof BtfType.Modifier modifier) {
      if (NAMES.contains(btf.type(at).name())) {
        return true;
      }
      at = modifier.type();
    }
    return false;
  }
}
