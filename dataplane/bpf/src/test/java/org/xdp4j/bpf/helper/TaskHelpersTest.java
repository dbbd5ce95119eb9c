package org.xdp4j.bpf.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/** Who runs a program, what it may read and count: the kernel's test run is in the same thread. */
class TaskHelpersTest {
  private static final List<MapSpec> OUT =
      List.of(
          MapSpec.of("out", MapType.ARRAY, 4, 256, 1, 0),
          MapSpec.of("events", MapType.PERF_EVENT_ARRAY, 4, 4, 4, 0));

  private final HelperLab lab = new HelperLab();

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterEach
  void close() {
    lab.close();
  }

  private void agree(String what, Snippet snippet) throws MapException {
    lab.agree(what, snippet, OUT, new byte[64]);
  }

  @Covers({
    "bpf_get_current_pid_tgid",
    "bpf_get_current_uid_gid",
    "bpf_get_cgroup_classid",
    "bpf_get_current_cgroup_id",
    "bpf_get_current_ancestor_cgroup_id"
  })
  @Test
  void theThreadIsWhoItIsInLinux() throws MapException {
    Snippet snippet = new Snippet();
    int[] helpers = {14, 15, 17, 80};
    for (int i = 0; i < helpers.length; i++) {
      snippet.callOnly(helpers[i]).keep(0, 0, 8 * i);
    }
    int[] levels = {0, 1, 2, 3, 4, 100, -1};
    for (int i = 0; i < levels.length; i++) {
      snippet.set(1, levels[i]).callOnly(123).keep(0, 0, 64 + 8 * i);
    }
    agree("identity", snippet);
  }

  @Covers({"bpf_get_current_comm"})
  @Test
  void theThreadsNameIsCutAndFilled() throws MapException {
    for (int size : new int[] {1, 2, 5, 16, 64}) {
      Snippet snippet = new Snippet().write(-64, new byte[64]).writeLong(-64, -1);
      snippet.stack(1, -64).set(2, size).call(16);
      for (int at = 0; at < 64; at += 8) {
        snippet.add(0x79, 0, 10, at - 64, 0).keep(0, 0, at); // r0 = *(u64 *)(r10 + at - 64)
      }
      agree("size " + size, snippet);
    }
  }

  @Covers({"bpf_get_ns_current_pid_tgid"})
  @Test
  void aPidNamespaceIsToldFromOthers() throws MapException, IOException {
    Path own = Path.of("/proc/self/ns/pid");
    long device = ((Number) Files.getAttribute(own, "unix:dev")).longValue();
    long inode = ((Number) Files.getAttribute(own, "unix:ino")).longValue();
    long[][] calls = {
      {device, inode, 8},
      {device, inode, 4},
      {device, inode, 16},
      {device, inode + 1, 8},
      {device + 1, inode, 8},
      {device | 1L << 40, inode, 8},
      {0, 0, 8}
    };
    for (long[] call : calls) {
      Snippet snippet = new Snippet().writeLong(-16, -1).writeLong(-8, -1);
      snippet.setLong(1, call[0]).setLong(2, call[1]).stack(3, -16).set(4, (int) call[2]);
      snippet.call(120).add(0x79, 0, 10, -16, 0).keep(0, 0, 0).add(0x79, 0, 10, -8, 0);
      agree("device " + call[0] + " inode " + call[1], snippet.keep(0, 0, 8));
    }
  }

  @Covers({"bpf_perf_event_read", "bpf_perf_event_read_value"})
  @Test
  void countersThatNobodySetFailAsInLinux() throws MapException {
    long[] flags = {0, 1, 3, 4, 0xFFFFFFFFL, 0x7FFFFFFF, 1L << 32, -1L};
    for (long flag : flags) {
      for (int size : new int[] {8, 24, 32}) {
        Snippet snippet = new Snippet().map(1, 1).setLong(2, flag).call(22);
        for (int at = -32; at < 0; at += 8) {
          snippet.writeLong(at, -1);
        }
        snippet.map(1, 1).setLong(2, flag).stack(3, -32).set(4, size).call(55);
        for (int at = -32; at < 0; at += 8) {
          snippet.add(0x79, 0, 10, at, 0).fold(0); // r0 = *(u64 *)(r10 + at)
        }
        agree("flags " + flag + " size " + size, snippet);
      }
    }
  }

  @Covers({"bpf_probe_read_user", "bpf_probe_read_user_str"})
  @Test
  void aReadOfUserMemoryOrOfNothingFailsAndLeavesZeros() throws MapException {
    long[] addresses = {0, 1, -1L, -4096L};
    for (int helper : new int[] {112, 113, 114, 115}) {
      for (long address : addresses) {
        for (int size : new int[] {0, 1, 5, 16}) {
          Snippet snippet = new Snippet().writeLong(-16, -1).writeLong(-8, -1);
          snippet.stack(1, -16).set(2, size).setLong(3, address).call(helper);
          snippet.add(0x79, 0, 10, -16, 0).fold(0).add(0x79, 0, 10, -8, 0).fold(0);
          agree("helper " + helper + " at " + address + " size " + size, snippet);
        }
      }
    }
  }

  @Covers({"bpf_probe_read_kernel", "bpf_probe_read_kernel_str"})
  @Test
  void aProgramsOwnMemoryCanBeProbed() throws MapException {
    for (int helper : new int[] {113, 115}) {
      for (int size : new int[] {0, 1, 3, 4, 5, 16}) {
        Snippet snippet = new Snippet().writeLong(-16, -1).writeLong(-8, -1);
        snippet.writeLong(-24, 9).write(-32, new byte[] {'a', 'b', 'c', 0, 'd', 'e', 'f', 'g'});
        snippet.stack(1, -16).set(2, size).stack(3, -32).call(helper);
        snippet.add(0x79, 0, 10, -16, 0).fold(0).add(0x79, 0, 10, -8, 0).fold(0);
        agree("helper " + helper + " size " + size, snippet);
      }
    }
  }

  @Covers({"bpf_get_branch_snapshot"})
  @Test
  void branchesAreRecordedByNobody() throws MapException {
    for (int flags : new int[] {0, 1}) {
      Snippet snippet = new Snippet().writeLong(-24, 0).writeLong(-16, 0).writeLong(-8, 0);
      agree("flags " + flags, snippet.stack(1, -24).set(2, 24).set(3, flags).call(176));
    }
  }

  @Covers({"bpf_send_signal", "bpf_send_signal_thread"})
  @Test
  void aProgramSignalsNobody() {
    for (long signal : new long[] {0, 9, 15, -1}) {
      assertThat(TaskHelpers.signal(lab.context, signal, 0, 0, 0, 0)).isEqualTo(Errno.EPERM);
    }
  }

  @Covers("bpf_get_current_task")
  @Test
  void throughTheTaskThatIsNotThereNothingIsRead() {
    long task = TaskHelpers.none(lab.context, 0, 0, 0, 0, 0);
    long to = lab.region.allocate(8, 8);
    lab.region.segment().set(Region.LONG, to, -1L);
    assertThat(ProbeHelpers.readKernel(lab.context, to, 8, task + 1000, 0, 0)).isNegative();
    assertThat(lab.region.segment().get(Region.LONG, to)).isZero();
  }
}
