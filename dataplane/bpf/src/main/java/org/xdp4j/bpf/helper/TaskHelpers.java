package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.ANYTHING;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE;
import static org.xdp4j.bpf.helper.ArgumentKind.UNINIT_MEM;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.memory.Region;

/**
 * The task that happens to run when a frame arrives (kernel/bpf/helpers.c, kernel/trace). Here it
 * is the thread that runs the program.
 */
public final class TaskHelpers {
  /** Bytes of {@code struct bpf_pidns_info}: pid, tgid. */
  private static final int PID_NS_INFO = 8;

  private TaskHelpers() {}

  static void declare(HelperTable table) {
    table.row(14, "get_current_pid_tgid").by(TaskHelpers.class, "pidTgid");
    table.row(15, "get_current_uid_gid").by(TaskHelpers.class, "uidGid");
    table.row(16, "get_current_comm").takes(UNINIT_MEM, SIZE).by(TaskHelpers.class, "name");
    table
        .row(17, "get_cgroup_classid")
        .answers("0: the thread is in no net_cls class")
        .by(TaskHelpers.class, "none");
    table
        .row(35, "get_current_task")
        .gplOnly()
        .answers("0: there is no task_struct, and nothing can be read through the answer")
        .by(TaskHelpers.class, "none");
    table
        .row(158, "get_current_task_btf")
        .gplOnly()
        .returns(ReturnKind.CURRENT_TASK)
        .answers("the thread's number, its process's and its name; other members are refused")
        .by(TaskHelpers.class, "task");
    table.row(80, "get_current_cgroup_id").by(TaskHelpers.class, "cgroup");
    String signals = "-EPERM: as when the frame interrupts a thread of the kernel";
    table.row(109, "send_signal").takes(ANYTHING).answers(signals).by(TaskHelpers.class, "signal");
    table
        .row(117, "send_signal_thread")
        .takes(ANYTHING)
        .answers(signals)
        .by(TaskHelpers.class, "signal");
    table
        .row(120, "get_ns_current_pid_tgid")
        .takes(ANYTHING, ANYTHING, UNINIT_MEM, SIZE)
        .by(TaskHelpers.class, "pidTgidIn");
    table
        .row(123, "get_current_ancestor_cgroup_id")
        .takes(ANYTHING)
        .by(TaskHelpers.class, "ancestor");
  }

  /** {@code bpf_get_current_pid_tgid()}: process id in the upper half, thread id in the lower. */
  public static long pidTgid(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return TaskIdentity.current().pidTgid();
  }

  /** {@code bpf_get_current_uid_gid()}: group in the upper half, user in the lower. */
  public static long uidGid(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return TaskIdentity.current().uidGid();
  }

  /** {@code bpf_get_current_comm(buffer, u32 size)}: the thread's name, cut and filled with NUL. */
  public static long name(XdpContext ctx, long buffer, long size, long r3, long r4, long r5) {
    byte[] name = TaskIdentity.current().name();
    int room = (int) size;
    int shown = Math.min(name.length, room - 1);
    MemorySegment memory = ctx.region.segment();
    memory.asSlice(buffer, room).fill((byte) 0);
    MemorySegment.copy(name, 0, memory, Region.BYTE, buffer, shown);
    return 0;
  }

  /** {@code bpf_get_cgroup_classid()} and {@code bpf_get_current_task()}: none. */
  public static long none(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    return 0;
  }

  /** {@code bpf_get_current_task_btf()}: what is known of the thread, as a task_struct. */
  public static long task(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    TaskIdentity task = TaskIdentity.current();
    return ctx.kernel.task(ctx.subprograms.types(ctx.caller).layout(), task.pidTgid(), task.name());
  }

  /** {@code bpf_get_current_cgroup_id()}. */
  public static long cgroup(XdpContext ctx, long r1, long r2, long r3, long r4, long r5) {
    long[] cgroups = TaskIdentity.current().cgroups();
    return cgroups[cgroups.length - 1];
  }

  /** {@code bpf_get_current_ancestor_cgroup_id(int level)}: 0 when it is not that deep. */
  public static long ancestor(XdpContext ctx, long level, long r2, long r3, long r4, long r5) {
    long[] cgroups = TaskIdentity.current().cgroups();
    int depth = (int) level;
    return depth < 0 || depth >= cgroups.length ? 0 : cgroups[depth];
  }

  /**
   * {@code bpf_send_signal(u32 signal)} and {@code _thread}: a program may not signal the process
   * that runs it, just as a kernel thread gets no signals.
   */
  public static long signal(XdpContext ctx, long signal, long r2, long r3, long r4, long r5) {
    return Errno.EPERM;
  }

  /**
   * {@code bpf_get_ns_current_pid_tgid(u64 device, u64 inode, struct bpf_pidns_info *, u32 size)}:
   * 0; -EINVAL, and zeros, for another size or another pid namespace than the thread's.
   */
  public static long pidTgidIn(
      XdpContext ctx, long device, long inode, long info, long size, long r5) {
    MemorySegment memory = ctx.region.segment();
    TaskIdentity task = TaskIdentity.current();
    boolean known =
        task.pidNamespaceInode() != 0
            && device == task.pidNamespaceDevice()
            && inode == task.pidNamespaceInode();
    if ((int) size != PID_NS_INFO || !known) {
      memory.asSlice(info, size & 0xFFFFFFFFL).fill((byte) 0);
      return Errno.EINVAL;
    }
    memory.set(Region.INT, info, (int) task.pidTgid());
    memory.set(Region.INT, info + 4, (int) (task.pidTgid() >>> 32));
    return 0;
  }
}
