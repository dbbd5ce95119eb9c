// SPDX-License-Identifier: Apache-2.0
/*
 * Lets UDP datagrams from or to one port through and drops all else: what `tcpdump 'udp port 53'`
 * shows, as an XDP program. Like there, a later fragment has no ports and is not shown, and VLAN tags
 * and IPv6 extension headers are not looked behind.
 */
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

const volatile __u16 port = 53;

/* The first four bytes of a UDP header. */
struct ports {
	__be16 source;
	__be16 destination;
};

static __always_inline int judge(const struct cursor *cursor)
{
	const struct ports *ports = cursor->at;

	if ((void *)(ports + 1) > cursor->end)
		return XDP_DROP;
	return ports->source == bpf_htons(port) || ports->destination == bpf_htons(port) ? XDP_PASS :
											    XDP_DROP;
}

SEC("xdp")
int udp_port(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct ethernet *ethernet = cursor.at;

	if (!skip(&cursor, sizeof(*ethernet)))
		return XDP_DROP;
	if (ethernet->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = cursor.at;

		if (cursor.at + sizeof(*ip) > cursor.end || ip->protocol != IPPROTO_UDP ||
		    ip->frag_off & bpf_htons(IPV4_OFFSET_MASK) || !skip(&cursor, ip->ihl * 4))
			return XDP_DROP;
		return judge(&cursor);
	}
	if (ethernet->protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = cursor.at;

		if (!skip(&cursor, sizeof(*ip)) || ip->nexthdr != IPPROTO_UDP)
			return XDP_DROP;
		return judge(&cursor);
	}
	return XDP_DROP;
}
