package org.xdp4j.bpf.object;

import java.util.Set;

/** The {@code license} section. */
final class License {
  /** {@code include/linux/license.h}: licences of modules that may use GPL-only symbols. */
  private static final Set<String> GPL_COMPATIBLE =
      Set.of(
          "GPL",
          "GPL v2",
          "GPL and additional rights",
          "Dual BSD/GPL",
          "Dual MIT/GPL",
          "Dual MPL/GPL");

  /** Longer ones are cut, as the kernel and libbpf cut them. */
  private static final int LONGEST = 127;

  private License() {}

  /** Whether programs of this licence may call GPL-only helpers. */
  static boolean isGplCompatible(String license) {
    return GPL_COMPATIBLE.contains(license);
  }

  /** The object's licence, empty when it names none. */
  static String of(ElfFile elf) {
    ElfSection section = elf.section("license");
    if (section == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(section.bytes().limit(), LONGEST); i++) {
      byte next = section.bytes().get(i);
      if (next == 0) {
        break;
      }
      text.append((char) (next & 0xff));
    }
    return text.toString();
  }
}
