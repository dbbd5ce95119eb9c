// SPDX-License-Identifier: Apache-2.0
/* Every frame goes on to the network stack: the cost of running a program at all. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Apache-2.0";

SEC("xdp")
int pass(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}
