// SPDX-License-Identifier: Apache-2.0
// Of two programs, one is not loaded unless it is asked for, and would be refused.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("?xdp")
int optional(struct xdp_md *ctx) {
  return *(__u8 *)(long)ctx->data;
}

SEC("xdp")
int always(struct xdp_md *ctx) {
  return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
