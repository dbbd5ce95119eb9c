// Programs that replace functions of replaceable.bpf.c and move the packet by a kernel function.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_xdp_pull_data(struct xdp_md *ctx, __u32 length) __ksym;

SEC("freplace/plain")
int pulls(struct xdp_md *ctx) { return bpf_xdp_pull_data(ctx, 20); }

char _license[] SEC("license") = "GPL";
