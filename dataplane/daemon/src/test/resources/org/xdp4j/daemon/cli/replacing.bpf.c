// A program that replaces a function of another one.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

__u64 ran;

SEC("freplace/" FUNCTION)
int NAME(struct xdp_md *ctx) {
  ran++;
  return ACTION;
}
