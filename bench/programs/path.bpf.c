// SPDX-License-Identifier: Apache-2.0
/*
 * What DPDK's testpmd does in its forwarding modes, as programs: every frame leaves by the port that
 * `ports` names for the one it came in by.
 */
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

static __always_inline int leave(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, ctx->ingress_ifindex, XDP_DROP);
}

static __always_inline void swap_addresses(struct ethernet *ethernet)
{
	__u8 kept[ETH_ALEN];

	__builtin_memcpy(kept, ethernet->destination, ETH_ALEN);
	__builtin_memcpy(ethernet->destination, ethernet->source, ETH_ALEN);
	__builtin_memcpy(ethernet->source, kept, ETH_ALEN);
}

/* --forward-mode=io: frames are not touched. */
SEC("xdp")
int io(struct xdp_md *ctx)
{
	return leave(ctx);
}

/* --forward-mode=mac: both addresses are written. */
SEC("xdp")
int mac(struct xdp_md *ctx)
{
	static const __u8 source[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	static const __u8 destination[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;

	if (!skip(&cursor, sizeof(*ethernet)))
		return XDP_DROP;
	__builtin_memcpy(ethernet->destination, destination, ETH_ALEN);
	__builtin_memcpy(ethernet->source, source, ETH_ALEN);
	return leave(ctx);
}

/* --forward-mode=macswap: the addresses change places. */
SEC("xdp")
int macswap(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;

	if (!skip(&cursor, sizeof(*ethernet)))
		return XDP_DROP;
	swap_addresses(ethernet);
	return leave(ctx);
}

/* dpdk_parse.bpf.c on the receiving side, and --forward-mode=macswap. */
SEC("xdp")
int parse_macswap(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;
	struct udphdr *udp;
	struct iphdr *ip;

	if (!skip(&cursor, sizeof(*ethernet)) || ethernet->protocol != bpf_htons(ETH_P_IP))
		return XDP_DROP;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)) || ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
		return XDP_DROP;
	udp = cursor.at;
	if (!skip(&cursor, sizeof(*udp)) || udp->dest == bpf_htons(7))
		return XDP_DROP;
	swap_addresses(ethernet);
	return leave(ctx);
}
