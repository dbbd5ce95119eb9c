package org.xdp4j.bpf.object;

import java.util.LinkedHashMap;
import java.util.Map;

/** In words, what programs are that are none for XDP, by their sections (libbpf, section_defs). */
public final class SectionKinds {
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    put("replaces functions of a kernel, and no kernel is here", "struct_ops");
    put(
        "works on the kernel's socket buffers, for traffic control",
        "tc",
        "tcx",
        "classifier",
        "action",
        "netkit");
    put(
        "is called where a probe of the kernel or of a process is hit",
        "kprobe",
        "kretprobe",
        "uprobe",
        "uretprobe",
        "ksyscall",
        "kretsyscall",
        "usdt");
    put("is called where the kernel is traced", "tracepoint", "tp", "raw_tracepoint", "raw_tp");
    put("is called where the kernel is traced", "raw_tracepoint.w", "raw_tp.w", "tp_btf");
    put("is called around a function of the kernel", "fentry", "fexit", "fmod_ret");
    put("decides for the kernel's security modules", "lsm", "lsm_cgroup");
    put("walks over objects of the kernel", "iter");
    put("works for a cgroup of the kernel's", "cgroup", "cgroup_skb", "sockops");
    put(
        "works on the kernel's sockets",
        "socket",
        "sk_skb",
        "sk_msg",
        "sk_lookup",
        "sk_reuseport",
        "flow_dissector");
    put("works on the kernel's routes", "lwt_in", "lwt_out", "lwt_xmit", "lwt_seg6local");
    put("is called by the kernel's packet filter", "netfilter");
    put("is called when a counter of the kernel overflows", "perf_event");
    put("makes system calls for a process that runs it", "syscall");
  }

  private SectionKinds() {}

  private static void put(String what, String... sections) {
    for (String section : sections) {
      KINDS.put(section, what);
    }
  }

  /** What programs of this section do, as the end of a sentence; empty when that is not known. */
  public static String of(String section) {
    String name = section.startsWith("?") ? section.substring(1) : section;
    int end = name.indexOf('/');
    String kind = end < 0 ? name : name.substring(0, end);
    String bare = KINDS.containsKey(kind) || !kind.contains(".") ? kind : kind.split("\\.")[0];
    return KINDS.getOrDefault(bare, "");
  }
}
