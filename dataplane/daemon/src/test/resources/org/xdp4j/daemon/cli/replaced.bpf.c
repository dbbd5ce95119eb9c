// A program whose functions others may replace.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

__attribute__((noinline)) int one(struct xdp_md *ctx) {
  volatile int action = XDP_PASS;

  return ctx ? action : XDP_ABORTED;
}

__attribute__((noinline)) int two(struct xdp_md *ctx) {
  volatile int action = XDP_PASS;

  return ctx ? action : XDP_ABORTED;
}

SEC("xdp")
int NAME(struct xdp_md *ctx) {
  int action = one(ctx);

  return action == XDP_PASS ? two(ctx) : action;
}
