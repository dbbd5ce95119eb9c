package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CGROUP;
import static org.xdp4j.bpf.helper.ArgumentKind.CIPHER;
import static org.xdp4j.bpf.helper.ArgumentKind.CONST_STRING;
import static org.xdp4j.bpf.helper.ArgumentKind.DYNPTR;
import static org.xdp4j.bpf.helper.ArgumentKind.DYNPTR_OR_NULL;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_CGROUP;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_KEY;
import static org.xdp4j.bpf.helper.ArgumentKind.RELEASED_TASK;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.ArgumentKind.TASK;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/**
 * Kernel functions that look for threads, control groups, keys and the like (kernel/bpf/helpers.c).
 * There is no {@code task_struct} and no other object of a kernel, so none is found.
 */
public final class KernelObjectKfuncs {
  private static final long LOW = 0xffffffffL;

  private KernelObjectKfuncs() {}

  static void declare(KfuncTable table) {
    String task = "NULL: there is no task_struct";
    find(table, "bpf_task_from_pid", ReturnKind.TASK_OR_NULL, task, SCALAR);
    find(table, "bpf_task_from_vpid", ReturnKind.TASK_OR_NULL, task, SCALAR);
    String noTask = "never runs: there is no task_struct to call it with";
    String noCount = "NULL: the thread's task_struct is not counted";
    find(table, "bpf_task_acquire", ReturnKind.TASK_OR_NULL, noCount, TASK);
    find(table, "bpf_task_release", ReturnKind.VOID, noTask, RELEASED_TASK);
    String noGroup = "NULL: there is no cgroup";
    find(table, "bpf_task_get_cgroup1", ReturnKind.CGROUP_OR_NULL, noGroup, TASK, SCALAR);
    find(table, "bpf_task_under_cgroup", ReturnKind.INTEGER, noTask, TASK, CGROUP);
    table
        .row("bpf_send_signal_task")
        .takes(TASK, SCALAR, SCALAR, SCALAR)
        .answers("-EPERM: as when the frame interrupts a thread of the kernel")
        .by(KernelObjectKfuncs.class, "signal");

    String cgroup = "NULL: there is no cgroup";
    String noCgroup = "never runs: there is no cgroup to call it with";
    find(table, "bpf_cgroup_from_id", ReturnKind.CGROUP_OR_NULL, cgroup, SCALAR);
    find(table, "bpf_cgroup_acquire", ReturnKind.CGROUP_OR_NULL, noCgroup, CGROUP);
    find(table, "bpf_cgroup_ancestor", ReturnKind.CGROUP_OR_NULL, noCgroup, CGROUP, SCALAR);
    find(table, "bpf_cgroup_release", ReturnKind.VOID, noCgroup, RELEASED_CGROUP);
    ArgumentKind[] attribute = {CGROUP, CONST_STRING, DYNPTR};
    find(table, "bpf_cgroup_read_xattr", ReturnKind.INTEGER, noCgroup, attribute);

    String key = "NULL: there is no keyring";
    find(table, "bpf_lookup_system_key", ReturnKind.KEY_OR_NULL, key, SCALAR);
    String noKey = "never runs: there is no key to call it with";
    find(table, "bpf_key_put", ReturnKind.VOID, noKey, RELEASED_KEY);
    String noCipher = "never runs: no program for system calls made a cipher to call it with";
    ArgumentKind[] cipher = {CIPHER, DYNPTR, DYNPTR, DYNPTR_OR_NULL};
    find(table, "bpf_crypto_decrypt", ReturnKind.INTEGER, noCipher, cipher);
    find(table, "bpf_crypto_encrypt", ReturnKind.INTEGER, noCipher, cipher);
    String cache = "NULL: no memory here is of a kernel's cache";
    find(table, "bpf_get_kmem_cache", ReturnKind.CACHE_OR_NULL, cache, SCALAR);
  }

  private static void find(
      KfuncTable table, String name, ReturnKind returns, String answer, ArgumentKind... arguments) {
    table
        .row(name)
        .takes(arguments)
        .returns(returns)
        .answers(answer)
        .by(KernelObjectKfuncs.class, "none");
  }

  /** Finds nothing. */
  public static long none(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }

  /** {@code bpf_send_signal_task(task, int sig, enum pid_type type, u64 value)}: refused. */
  public static long signal(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return Errno.EPERM & LOW;
  }
}
