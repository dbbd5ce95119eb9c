// SPDX-License-Identifier: Apache-2.0
/*
 * One hop of an IPv6 router: longest prefix match, hop limit, MAC addresses, redirect. The frame
 * gets its hop limit back first, for it runs through here again and again.
 */
#include "next_hop.h"
#include "skew.h"

char _license[] SEC("license") = "Apache-2.0";

#define HOP_LIMIT 64

struct prefix6 {
	__u32 length;
	__be32 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix6);
	__type(value, __u32);
} routes SEC(".maps");

SEC("xdp")
int router6(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;
	struct prefix6 destination = { .length = 128 };
	struct next_hop *hop;
	struct ipv6hdr *ip;
	__u32 *route, number;
	__be16 protocol;

	if (!take_ethernet(&cursor, &protocol) || protocol != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)) || ip->version != 6)
		return XDP_PASS;
	*(volatile __u8 *)&ip->hop_limit = HOP_LIMIT; /* which clang is not to foresee */
	if (ip->hop_limit <= 1)
		return XDP_PASS;
	/* The destination that is inside the route of this number: 2001 and 32 bits of it. */
	number = spread(choose_skewed_below(choices));
	destination.address[0] = bpf_htonl(0x20010000 | number >> 16);
	destination.address[1] = bpf_htonl(number << 16);
	destination.address[3] = bpf_htonl(1);
	route = bpf_map_lookup_elem(&routes, &destination);
	if (!route)
		return XDP_PASS;
	hop = bpf_map_lookup_elem(&next_hops, route);
	if (!hop)
		return XDP_PASS;
	ip->hop_limit--;
	return send_to(hop, ethernet, ctx);
}
