// SPDX-License-Identifier: Apache-2.0
/*
 * Frames and bytes by protocol. A key of the map is
 *
 *     0..255    IPv4, by the protocol field
 *   256..511    IPv6, by the first next-header field, plus 256
 *   512         ARP
 *   513         any other EtherType
 *   514         the frame ends inside the headers
 *
 * Up to two VLAN tags are passed over. Every frame is passed on.
 */
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

enum slot {
	SLOT_IPV4 = 0,
	SLOT_IPV6 = 256,
	SLOT_ARP = 512,
	SLOT_OTHER,
	SLOT_TRUNCATED,
	SLOTS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct count);
} protocols SEC(".maps");

static __always_inline __u32 slot_of(struct cursor *cursor)
{
	__be16 protocol;

	if (!take_ethernet(cursor, &protocol))
		return SLOT_TRUNCATED;
	if (protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = cursor->at;

		return skip(cursor, sizeof(*ip)) ? SLOT_IPV4 + ip->protocol : SLOT_TRUNCATED;
	}
	if (protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip = cursor->at;

		return skip(cursor, sizeof(*ip)) ? SLOT_IPV6 + ip->nexthdr : SLOT_TRUNCATED;
	}
	return protocol == bpf_htons(ETH_P_ARP) ? SLOT_ARP : SLOT_OTHER;
}

SEC("xdp")
int protocol_counter(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	__u32 slot = slot_of(&cursor);
	struct count *count = bpf_map_lookup_elem(&protocols, &slot);

	if (count)
		add(count, frame_length(ctx));
	return XDP_PASS;
}
