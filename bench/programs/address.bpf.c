// SPDX-License-Identifier: Apache-2.0
/*
 * Gives each frame its next destination, a fresh TTL and the router's hardware address and passes it
 * on: one frame stands for many, for whoever routes it then. Destinations are inside 16.0.0.0/4, one
 * in each of `choices` routes.
 */
#include "checksum.h"
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

SEC("xdp")
int address(struct xdp_md *ctx)
{
	static const __u8 router[ETH_ALEN] = { 2, 0, 0, 0, 1, 0 };
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;
	__be16 protocol;
	struct iphdr *ip;

	if (!take_ethernet(&cursor, &protocol) || protocol != bpf_htons(ETH_P_IP))
		return XDP_DROP;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)))
		return XDP_DROP;
	__builtin_memcpy(ethernet->destination, router, ETH_ALEN);
	ip->daddr = bpf_htonl(0x10000000 | spread(choose_below(choices)) >> 4);
	ip->ttl = 64;
	ip->check = 0;
	ip->check = ~ipv4_sum(ip);
	return XDP_PASS;
}
