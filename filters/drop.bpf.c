// SPDX-License-Identifier: Apache-2.0
/* Every frame is dropped: closes a port, or measures how fast frames can be received. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Apache-2.0";

SEC("xdp")
int drop(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_DROP;
}
