// SPDX-License-Identifier: Apache-2.0
/*
 * Routes IPv4 and IPv6: the longest matching prefix names a next hop, the next hop names the MAC
 * addresses and the port. What needs an answer or a slow look (a TTL that ends, options, a frame
 * larger than the next link takes, no route) is passed up to the network stack untouched.
 */
#include "checksum.h"
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

struct prefix_v4 {
	__u32 length;
	__u8 address[4];
};

struct prefix_v6 {
	__u32 length;
	__u8 address[16];
};

/* Number 0 is this host: what is routed to it goes up the stack. */
#define NEXT_HOP_LOCAL 0
#define NEXT_HOPS 1024
#define PORTS 256

struct next_hop {
	__u8 destination[ETH_ALEN];
	__u8 source[ETH_ALEN];
	/* Key of the map `ports`. */
	__u32 port;
	/* The longest IP packet the link takes, 0 for any. */
	__u32 mtu;
};

struct decisions {
	struct count forwarded_v4;
	struct count forwarded_v6;
	struct count passed_not_ip;
	struct count passed_not_unicast;
	struct count passed_local;
	struct count passed_no_route;
	struct count passed_ttl;
	struct count passed_options;
	struct count passed_too_big;
	struct count dropped_malformed;
	struct count dropped_checksum;
	struct count dropped_no_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1048576);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix_v4);
	__type(value, __u32);
} routes_v4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix_v6);
	__type(value, __u32);
} routes_v6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NEXT_HOPS);
	__type(key, __u32);
	__type(value, struct next_hop);
} next_hops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, PORTS);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct decisions);
} decisions SEC(".maps");

/* One frame on its way through the router. */
struct visit {
	struct ethernet *ethernet;
	struct decisions *decisions;
	__u64 bytes;
};

static __always_inline int pass(const struct visit *visit, struct count *count)
{
	add(count, visit->bytes);
	return XDP_PASS;
}

static __always_inline int drop(const struct visit *visit, struct count *count)
{
	add(count, visit->bytes);
	return XDP_DROP;
}

/* The next hop a packet of so many bytes takes, or NULL and *up says under what it is passed up. */
static __always_inline struct next_hop *next_hop(const struct visit *visit, const __u32 *route,
						 __u32 length, struct count **up)
{
	struct next_hop *hop;

	*up = &visit->decisions->passed_no_route;
	if (!route)
		return NULL;
	if (*route == NEXT_HOP_LOCAL) {
		*up = &visit->decisions->passed_local;
		return NULL;
	}
	hop = bpf_map_lookup_elem(&next_hops, route);
	if (!hop)
		return NULL;
	if (hop->mtu && length > hop->mtu) {
		*up = &visit->decisions->passed_too_big;
		return NULL;
	}
	return hop;
}

/* Once a frame is changed it cannot go up any more: without its port it is dropped. */
static __always_inline int forward(const struct visit *visit, const struct next_hop *hop,
				   struct count *forwarded)
{
	int action;

	__builtin_memcpy(visit->ethernet->destination, hop->destination, ETH_ALEN);
	__builtin_memcpy(visit->ethernet->source, hop->source, ETH_ALEN);
	action = bpf_redirect_map(&ports, hop->port, XDP_DROP);
	if (action != XDP_REDIRECT)
		return drop(visit, &visit->decisions->dropped_no_port);
	add(forwarded, visit->bytes);
	return action;
}

/* Loopback, link-local, multicast, reserved and broadcast are not for routing: RFC 1812, 5.3.7. */
static __always_inline bool is_routable_v4(__be32 address)
{
	__u32 host = bpf_ntohl(address);

	return host >> 24 != 127 && host >> 16 != 0xa9fe && host >> 28 < 0xe && host >> 24 != 0;
}

static __always_inline bool is_routable_v6(const struct in6_addr *address)
{
	__be16 high = address->s6_addr16[0];
	bool link_local = (high & bpf_htons(0xffc0)) == bpf_htons(0xfe80);
	bool multicast = address->s6_addr[0] == 0xff;
	bool unspecified_or_loopback = !(address->s6_addr32[0] | address->s6_addr32[1] |
					 address->s6_addr32[2]);

	return !link_local && !multicast && !unspecified_or_loopback;
}

static __always_inline int route_v4(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct prefix_v4 destination = { .length = 32 };
	struct iphdr *ip = cursor->at;
	struct next_hop *hop;
	struct count *up;
	__u32 length;

	if (!skip(cursor, sizeof(*ip)) || ip->version != 4 || ip->ihl < 5)
		return drop(visit, &decisions->dropped_malformed);
	length = bpf_ntohs(ip->tot_len);
	if (length < sizeof(*ip) || length > visit->bytes - sizeof(*visit->ethernet))
		return drop(visit, &decisions->dropped_malformed);
	if (ip->ihl != 5)
		return pass(visit, &decisions->passed_options);
	if (ipv4_sum(ip) != 0xffff)
		return drop(visit, &decisions->dropped_checksum);
	if (!is_routable_v4(ip->daddr) || !is_routable_v4(ip->saddr))
		return pass(visit, &decisions->passed_not_unicast);
	__builtin_memcpy(destination.address, &ip->daddr, sizeof(destination.address));
	hop = next_hop(visit, bpf_map_lookup_elem(&routes_v4, &destination), length, &up);
	if (!hop)
		return pass(visit, up);
	if (ip->ttl <= 1)
		return pass(visit, &decisions->passed_ttl);
	decrement_ttl(ip);
	return forward(visit, hop, &decisions->forwarded_v4);
}

static __always_inline int route_v6(const struct visit *visit, struct cursor *cursor)
{
	struct decisions *decisions = visit->decisions;
	struct prefix_v6 destination = { .length = 128 };
	struct ipv6hdr *ip = cursor->at;
	struct next_hop *hop;
	struct count *up;
	__u32 length;

	if (!skip(cursor, sizeof(*ip)) || ip->version != 6)
		return drop(visit, &decisions->dropped_malformed);
	length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	if (length > visit->bytes - sizeof(*visit->ethernet))
		return drop(visit, &decisions->dropped_malformed);
	if (ip->nexthdr == IPPROTO_HOPOPTS)
		return pass(visit, &decisions->passed_options);
	if (!is_routable_v6(&ip->daddr) || !is_routable_v6(&ip->saddr))
		return pass(visit, &decisions->passed_not_unicast);
	__builtin_memcpy(destination.address, &ip->daddr, sizeof(destination.address));
	hop = next_hop(visit, bpf_map_lookup_elem(&routes_v6, &destination), length, &up);
	if (!hop)
		return pass(visit, up);
	if (ip->hop_limit <= 1)
		return pass(visit, &decisions->passed_ttl);
	ip->hop_limit--;
	return forward(visit, hop, &decisions->forwarded_v6);
}

SEC("xdp")
int router(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct visit visit = { .ethernet = cursor.at, .bytes = frame_length(ctx) };
	__u32 zero = 0;

	visit.decisions = bpf_map_lookup_elem(&decisions, &zero);
	if (!visit.decisions)
		return XDP_ABORTED;
	if (!skip(&cursor, sizeof(*visit.ethernet)))
		return drop(&visit, &visit.decisions->dropped_malformed);
	/* A multicast or broadcast frame is not for forwarding, whatever it carries. */
	if (visit.ethernet->destination[0] & 1)
		return pass(&visit, &visit.decisions->passed_not_unicast);
	switch (visit.ethernet->protocol) {
	case bpf_htons(ETH_P_IP):
		return route_v4(&visit, &cursor);
	case bpf_htons(ETH_P_IPV6):
		return route_v6(&visit, &cursor);
	default:
		return pass(&visit, &visit.decisions->passed_not_ip);
	}
}
