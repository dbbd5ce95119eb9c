// SPDX-License-Identifier: Apache-2.0
/*
 * A parser in parts: each protocol has a program of its own, reached by a tail call through a
 * program array. A part is replaced by writing to the array while frames flow; a part that is missing
 * costs its frames nothing but their count.
 */
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

enum part {
	PART_IPV4,
	PART_IPV6,
	PART_ARP,
	PARTS,
};

struct seen {
	struct count ipv4;
	struct count ipv4_options;
	struct count ipv6;
	struct count ipv6_extensions;
	struct count no_part;
};

int parse_ipv4(struct xdp_md *ctx);
int parse_ipv6(struct xdp_md *ctx);

/* PART_ARP stays empty: nobody wrote that part yet. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PARTS);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} parts SEC(".maps") = {
	.values = {
		[PART_IPV4] = (void *)&parse_ipv4,
		[PART_IPV6] = (void *)&parse_ipv6,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

static __always_inline struct seen *counts(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&seen, &zero);
}

SEC("xdp")
int parse_ipv4(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct transport transport;
	struct seen *seen = counts();
	__be16 protocol;
	struct iphdr *ip;

	if (!seen)
		return XDP_ABORTED;
	if (!take_ethernet(&cursor, &protocol) || !take_ipv4(&cursor, &ip, &transport))
		return XDP_DROP;
	add(ip->ihl == 5 ? &seen->ipv4 : &seen->ipv4_options, frame_length(ctx));
	return XDP_PASS;
}

SEC("xdp")
int parse_ipv6(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct transport transport;
	struct seen *seen = counts();
	struct ipv6hdr *ip;
	__be16 protocol;

	if (!seen)
		return XDP_ABORTED;
	if (!take_ethernet(&cursor, &protocol) || !take_ipv6(&cursor, &ip, &transport))
		return XDP_DROP;
	add(transport.protocol == ip->nexthdr ? &seen->ipv6 : &seen->ipv6_extensions,
	    frame_length(ctx));
	return XDP_PASS;
}

SEC("xdp")
int tail_call(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	__u32 part = PARTS;
	struct seen *seen;
	__be16 protocol;

	if (!take_ethernet(&cursor, &protocol))
		return XDP_DROP;
	if (protocol == bpf_htons(ETH_P_IP))
		part = PART_IPV4;
	else if (protocol == bpf_htons(ETH_P_IPV6))
		part = PART_IPV6;
	else if (protocol == bpf_htons(ETH_P_ARP))
		part = PART_ARP;
	bpf_tail_call(ctx, &parts, part);

	/* Only when there is no such part. */
	seen = counts();
	if (!seen)
		return XDP_ABORTED;
	add(&seen->no_part, frame_length(ctx));
	return XDP_PASS;
}
