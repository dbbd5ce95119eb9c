// SPDX-License-Identifier: Apache-2.0
/*
 * One hop of an IPv4 router: longest prefix match, TTL, checksum, MAC addresses, redirect. The
 * frame gets its TTL and checksum back first, for it runs through here again and again.
 */
#include "checksum.h"
#include "next_hop.h"
#include "skew.h"

char _license[] SEC("license") = "Apache-2.0";

struct prefix {
	__u32 length;
	__be32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1048576);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

/* TTL, protocol and checksum of the frame, as it was at first: set before loading. */
const volatile __u32 restored;

/* The destination that is inside the route of this number. */
static __always_inline __be32 destination_of(__u32 number)
{
	return bpf_htonl(spread(number));
}

SEC("xdp")
int router(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;
	struct prefix destination = { .length = 32 };
	struct next_hop *hop;
	struct iphdr *ip;
	__u32 *route;
	__be16 protocol;

	if (!take_ethernet(&cursor, &protocol) || protocol != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)) || ip->version != 4 || ip->ihl != 5)
		return XDP_PASS;
	((__u32 *)ip)[2] = restored;
	if (ip->ttl <= 1 || ipv4_sum(ip) != 0xffff)
		return XDP_PASS;
	destination.address = destination_of(choose_skewed_below(choices));
	route = bpf_map_lookup_elem(&routes, &destination);
	if (!route)
		return XDP_PASS;
	hop = bpf_map_lookup_elem(&next_hops, route);
	if (!hop)
		return XDP_PASS;
	decrement_ttl(ip);
	return send_to(hop, ethernet, ctx);
}
