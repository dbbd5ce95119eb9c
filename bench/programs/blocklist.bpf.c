// SPDX-License-Identifier: Apache-2.0
/* Drops what comes from a blocked address, and counts by address: nine frames of ten. */
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1048576);
	__type(key, __be32);
	__type(value, __u64);
} blocked SEC(".maps");

SEC("xdp")
int blocklist(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct iphdr *ip;
	__be16 protocol;
	__be32 source;
	__u32 *turn;
	__u64 *hits;

	if (!take_ethernet(&cursor, &protocol) || protocol != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip) + sizeof(struct udphdr)))
		return XDP_PASS;
	turn = take_turn(&cursor);
	if (!turn)
		return XDP_PASS;
	source = ip->saddr + spread(choose_by(turn, choices));
	hits = bpf_map_lookup_elem(&blocked, &source);
	turn_on(turn);
	if (!hits)
		return XDP_PASS;
	++*hits;
	return XDP_DROP;
}
