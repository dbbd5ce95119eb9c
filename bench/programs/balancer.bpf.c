// SPDX-License-Identifier: Apache-2.0
/*
 * An L4 balancer: a connection table before a Maglev ring, and an outer IPv4 header (IPIP) on the
 * way to the server. The frame comes in with the outer header of its last time, which is passed
 * over, and taken off before it gets the new one.
 */
#include "checksum.h"
#include "count.h"
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

#define RING 65537
#define SERVERS 256

struct server {
	__be32 address;
	__u8 mac[ETH_ALEN];
	__u16 zero;
};

struct connection {
	__u32 server;
	__u32 frames;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 262144);
	__type(key, struct flow);
	__type(value, struct connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RING);
	__type(key, __u32);
	__type(value, __u32);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SERVERS);
	__type(key, __u32);
	__type(value, struct server);
} servers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SERVERS);
	__type(key, __u32);
	__type(value, struct count);
} counts SEC(".maps");

static __always_inline __u32 mix(__u32 hash, __u32 word)
{
	hash = (hash ^ word) * 0xcc9e2d51;
	return hash ^ hash >> 15;
}

static __always_inline __u32 hash_of(const struct flow *flow)
{
	__u32 ports = (__u32)flow->source_port << 16 | flow->destination_port;

	return mix(mix(mix(mix(17, flow->source), flow->destination), ports), flow->protocol);
}

/* Takes off the outer header, if there is one. */
static __always_inline bool unwrap(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct iphdr *ip;

	if (!skip(&cursor, sizeof(struct ethernet)))
		return false;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)))
		return false;
	return ip->protocol != IPPROTO_IPIP || !bpf_xdp_adjust_head(ctx, sizeof(*ip));
}

/* Passes over Ethernet and the outer header, if there is one: the flow is the inner one's. */
static __always_inline bool pass_outer(struct cursor *cursor)
{
	struct iphdr *ip;
	__be16 protocol;

	if (!take_ethernet(cursor, &protocol) || protocol != bpf_htons(ETH_P_IP))
		return false;
	ip = cursor->at;
	if (cursor->at + sizeof(*ip) > cursor->end)
		return false;
	if (ip->protocol == IPPROTO_IPIP)
		cursor->at += sizeof(*ip);
	return true;
}

static __always_inline int wrap(struct xdp_md *ctx, const struct server *server, __u32 hash)
{
	__u64 inner = frame_length(ctx) - sizeof(struct ethernet);
	struct ethernet *ethernet;
	struct cursor cursor;
	struct iphdr *ip;

	/* The length is taken as a whole here: clang would subtract halves of pointers. */
	asm volatile("" : "+r"(inner));
	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(*ip)))
		return XDP_ABORTED;
	cursor = cursor_of(ctx);
	ethernet = cursor.at;
	if (!skip(&cursor, sizeof(*ethernet)))
		return XDP_ABORTED;
	ip = cursor.at;
	if (!skip(&cursor, sizeof(*ip)))
		return XDP_ABORTED;
	__builtin_memcpy(ethernet->source, "\x02\0\0\0\0\x01", ETH_ALEN);
	__builtin_memcpy(ethernet->destination, server->mac, ETH_ALEN);
	ethernet->protocol = bpf_htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = 0;
	ip->tot_len = bpf_htons(inner + sizeof(*ip));
	ip->id = 0;
	ip->frag_off = 0;
	ip->ttl = 64;
	ip->protocol = IPPROTO_IPIP;
	ip->check = 0;
	ip->saddr = bpf_htonl(0xac100000 | (hash & 0xffff));
	ip->daddr = server->address;
	ip->check = ~ipv4_sum(ip);
	return XDP_TX;
}

SEC("xdp")
int balancer(struct xdp_md *ctx)
{
	struct connection *known, fresh = { 0, 1 };
	struct server *server;
	struct cursor cursor;
	struct count *count;
	struct flow flow;
	__u32 hash, slot, number, *turn;

	cursor = cursor_of(ctx);
	if (!pass_outer(&cursor))
		return XDP_DROP;
	turn = take_packet_flow(&cursor, choices, &flow);
	if (!turn)
		return XDP_PASS;
	hash = hash_of(&flow);
	known = bpf_map_lookup_elem(&connections, &flow);
	turn_on(turn);
	if (known) {
		number = known->server;
		known->frames++;
	} else {
		__u32 *picked;

		slot = hash % RING;
		picked = bpf_map_lookup_elem(&ring, &slot);
		if (!picked)
			return XDP_DROP;
		number = fresh.server = *picked;
		bpf_map_update_elem(&connections, &flow, &fresh, BPF_ANY);
	}
	server = bpf_map_lookup_elem(&servers, &number);
	count = bpf_map_lookup_elem(&counts, &number);
	if (!server || !count)
		return XDP_DROP;
	if (!unwrap(ctx))
		return XDP_DROP;
	add(count, frame_length(ctx));
	return wrap(ctx, server, hash);
}
