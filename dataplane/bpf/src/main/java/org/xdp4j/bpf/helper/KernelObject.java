package org.xdp4j.bpf.helper;

/**
 * Objects that only a kernel has and that kernel functions give programs a reference to. None is
 * ever found here, so that what a program does with one is never reached; it is still proved to use
 * and to give back the right one, as in Linux.
 */
public enum KernelObject {
  /** A tracked connection. */
  CONNECTION("nf_conn", "call bpf_ct_release with it"),
  /** One that was made and is not yet among the others. */
  NEW_CONNECTION("nf_conn___init", "call bpf_ct_insert_entry or bpf_ct_release with it"),
  /** A security association of IPsec. */
  TRANSFORM("xfrm_state", "call bpf_xdp_xfrm_state_release with it"),
  /** A thread. */
  TASK("task_struct", "call bpf_task_release with it"),
  /** A control group. */
  CGROUP("cgroup", "call bpf_cgroup_release with it"),
  /** A key of the kernel's keyrings. */
  KEY("bpf_key", "call bpf_key_put with it"),
  /** A cipher with its key, which only programs for system calls make and give back. */
  CIPHER("bpf_crypto_ctx", "exchange it back into a __kptr (bpf_kptr_xchg)"),
  /** A cache of the kernel's allocator, which is not counted. */
  CACHE("kmem_cache", ""),
  /** An entry of a flow table, which is not counted. */
  FLOW("flow_offload_tuple_rhash", "");

  private final String struct;
  private final String release;

  KernelObject(String struct, String release) {
    this.struct = struct;
    this.release = release;
  }

  /** The struct's name in the kernel. */
  public String struct() {
    return struct;
  }

  /** What gives it back, as advice; empty for what is not counted. */
  public String release() {
    return release;
  }
}
