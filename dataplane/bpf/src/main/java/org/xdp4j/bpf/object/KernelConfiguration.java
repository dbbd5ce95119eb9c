package org.xdp4j.bpf.object;

import java.util.Map;
import java.util.Set;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/**
 * What of a kernel's configuration has a meaning here, for {@code extern ... __kconfig}: the parts
 * of Linux that are followed are built in, and a second has as many jiffies as {@code
 * bpf_jiffies64} counts.
 */
final class KernelConfiguration {
  private static final Set<String> BUILT_IN =
      Set.of(
          "CONFIG_64BIT",
          "CONFIG_BPF",
          "CONFIG_BPF_JIT",
          "CONFIG_BPF_SYSCALL",
          "CONFIG_INET",
          "CONFIG_IPV6",
          "CONFIG_NET",
          "CONFIG_XDP_SOCKETS");

  private static final Map<String, Long> NUMBERS = Map.of("CONFIG_HZ", 250L);

  /** {@code TRI_YES} of {@code enum libbpf_tristate}. */
  private static final long TRISTATE_YES = 2;

  private KernelConfiguration() {}

  /** Whether the option's value is known. */
  static boolean knows(String option) {
    return BUILT_IN.contains(option) || NUMBERS.containsKey(option);
  }

  /**
   * The value as libbpf writes it into a variable of {@code type}: {@code y} as true, {@code 'y'}
   * or {@code TRI_YES}; 0 when the option is not known or its value does not go with the type.
   */
  static long value(String option, Btf btf, int type) {
    BtfType resolved = btf.resolve(type);
    if (resolved instanceof BtfType.Var variable) {
      resolved = btf.resolve(variable.type());
    }
    if (BUILT_IN.contains(option)) {
      return yes(resolved);
    }
    boolean number = resolved instanceof BtfType.Int i && i.size() > 1;
    return number ? NUMBERS.getOrDefault(option, 0L) : 0;
  }

  private static long yes(BtfType type) {
    return switch (type) {
      case BtfType.Enum tristate -> TRISTATE_YES;
      case BtfType.Int i when i.size() == 1 -> i.name().equals("_Bool") ? 1 : 'y';
      default -> 0;
    };
  }
}
