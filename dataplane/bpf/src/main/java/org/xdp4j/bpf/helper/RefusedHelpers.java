package org.xdp4j.bpf.helper;

/** Helpers that only a kernel can answer: each with the reason a refusal gives. */
final class RefusedHelpers {
  private static final String NO_TASK =
      "works on a kernel's task, and no kernel is here that has any";

  private static final String SLEEPS =
      "may sleep, and no XDP program may, in Linux neither: they run with preemption off";

  private RefusedHelpers() {}

  static void declare(HelperTable table) {
    table.refuse(
        37, "asks about a cgroup in a map of cgroups, and no kernel is here that has cgroups");
    table.refuse(141, NO_TASK);
    table.refuse(148, SLEEPS);
    table.refuse(149, "prints a kernel's object by the kernel's own BTF, and no kernel is here");
    table.refuse(156, NO_TASK);
    table.refuse(157, NO_TASK);
    table.refuse(175, NO_TASK);
    table.refuse(180, NO_TASK);
    table.refuse(191, SLEEPS);
    table.refuse(210, "works on a kernel's cgroup, and no kernel is here that has one");
    table.refuse(211, "works on a kernel's cgroup, and no kernel is here that has one");
  }
}
