package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.object.Kconfig;
import org.xdp4j.bpf.object.ObjectException;
import org.xdp4j.bpf.object.TargetBtf;

/**
 * What the kernel is said to be that objects ask about before they run.
 *
 * @param kconfig its configuration
 * @param types its types; {@link Btf#EMPTY} for those of the objects themselves
 */
record KernelFacts(Kconfig kconfig, Btf types) {
  /** A kernel of which nothing is said. */
  static final KernelFacts DEFAULT = new KernelFacts(Kconfig.DEFAULT, Btf.EMPTY);

  static final String KCONFIG = "--kconfig";
  static final String KCONFIG_DESCRIPTION =
      "Answers for the kernel configuration that programs ask for (__kconfig), as in a .config"
          + " file.";
  static final String BTF = "--btf";
  static final String BTF_DESCRIPTION =
      "A kernel's types, as /sys/kernel/btf/vmlinux has them, for CO-RE relocations to mean;"
          + " without it they mean the object's own types.";

  /** Reads the files that are named; either may be null. */
  static KernelFacts read(Path kconfig, Path btf) throws CliException {
    String option = KCONFIG;
    try {
      Kconfig configuration = kconfig == null ? Kconfig.DEFAULT : Kconfig.read(kconfig);
      option = BTF;
      return new KernelFacts(configuration, btf == null ? Btf.EMPTY : TargetBtf.read(btf));
    } catch (ObjectException e) {
      throw CliException.unusable(option + ": " + e.getMessage(), e);
    }
  }
}
