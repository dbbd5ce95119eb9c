package org.xdp4j.bpf.btf;

import java.util.Set;

/** Knows the types whose numbers lie in network order (linux/types.h). */
public final class NetworkOrder {
  private static final Set<String> NAMES = Set.of("__be16", "__be32", "__be64");

  private NetworkOrder() {}

  /** Whether {@code type} is one of them, or stands for one. */
  public static boolean isNetworkOrder(Btf btf, int type) {
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
