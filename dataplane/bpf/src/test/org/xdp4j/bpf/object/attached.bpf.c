// Programs for entries of device and CPU maps, and some that are not.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int plain(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp/devmap")
int leaves(struct xdp_md *ctx)
{
	return ctx->egress_ifindex == 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp/cpumap")
int arrives(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char gpl[] SEC("license") = "GPL";
