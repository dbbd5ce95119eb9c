package org.xdp4j.bpf.helper;

/**
 * Kernel functions that Linux lets XDP programs name, and that have no honest answer here: each
 * with the reason a refusal gives.
 */
final class RefusedKfuncs {
  private static final String USER = "copies from a user process, and a program here runs for none";
  private static final String SLEEPS =
      "may sleep, and no XDP program may, in Linux neither: they run with preemption off";
  private static final String TASKS = "walks a kernel's tasks, and no kernel is here that has any";
  private static final String GROUPS =
      "walks a kernel's cgroups, and no kernel is here that has any";
  private static final String SOCKET_BUFFER =
      "takes a socket buffer, and XDP programs have none, in Linux neither";
  private static final String LATER =
      "runs later in a kernel's task, and no kernel is here that has one";

  private RefusedKfuncs() {}

  static void declare(KfuncTable table) {
    refuse(
        table,
        USER,
        "bpf_copy_from_user_dynptr",
        "bpf_copy_from_user_str",
        "bpf_copy_from_user_str_dynptr",
        "bpf_copy_from_user_task_dynptr",
        "bpf_copy_from_user_task_str",
        "bpf_copy_from_user_task_str_dynptr");
    refuse(table, TASKS, "bpf_iter_task_new", "bpf_iter_task_next", "bpf_iter_task_destroy");
    refuse(
        table,
        TASKS,
        "bpf_iter_task_vma_new",
        "bpf_iter_task_vma_next",
        "bpf_iter_task_vma_destroy");
    refuse(
        table,
        GROUPS,
        "bpf_iter_css_new",
        "bpf_iter_css_next",
        "bpf_iter_css_destroy",
        "bpf_iter_css_task_new",
        "bpf_iter_css_task_next",
        "bpf_iter_css_task_destroy");
    refuse(
        table,
        SLEEPS,
        "bpf_iter_dmabuf_new",
        "bpf_iter_dmabuf_next",
        "bpf_iter_dmabuf_destroy",
        "bpf_iter_kmem_cache_new",
        "bpf_iter_kmem_cache_next",
        "bpf_iter_kmem_cache_destroy",
        "bpf_lookup_user_key");
    refuse(table, SOCKET_BUFFER, "bpf_skb_ct_alloc", "bpf_skb_ct_lookup");
    refuse(
        table, LATER, "bpf_task_work_schedule_resume_impl", "bpf_task_work_schedule_signal_impl");
    refuse(table, "is there to test a kernel with", "bpf_modify_return_test_tp");
  }

  private static void refuse(KfuncTable table, String reason, String... names) {
    for (String name : names) {
      table.refuse(name, reason);
    }
  }
}
