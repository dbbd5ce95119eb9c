/* SPDX-License-Identifier: Apache-2.0 */
/* What routers have behind their routes: MAC addresses and ports, and what was forwarded. */
#ifndef XDP4J_BENCH_NEXT_HOP_H
#define XDP4J_BENCH_NEXT_HOP_H

#include "count.h"
#include "parse.h"

struct next_hop {
	__u8 destination[ETH_ALEN];
	__u8 source[ETH_ALEN];
	__u32 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct next_hop);
} next_hops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct count);
} forwarded SEC(".maps");

/* Writes the MAC addresses, counts the frame and says where it goes. */
static __always_inline int send_to(struct next_hop *hop, struct ethernet *ethernet,
				   const struct xdp_md *ctx)
{
	struct count *count;
	__u32 zero = 0;

	__builtin_memcpy(ethernet->destination, hop->destination, ETH_ALEN);
	__builtin_memcpy(ethernet->source, hop->source, ETH_ALEN);
	count = bpf_map_lookup_elem(&forwarded, &zero);
	if (count)
		add(count, frame_length(ctx));
	return bpf_redirect_map(&ports, hop->port, XDP_DROP);
}

#endif
