/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers taken from the front of a frame, one after the other. Each take_ function moves the cursor
 * past a header, or is false when the frame ends before the header does.
 */
#ifndef XDP4J_PARSE_H
#define XDP4J_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VLAN_TAGS_MAX 2
#define IPV6_EXTENSIONS_MAX 4

#define IPV4_OFFSET_MASK 0x1fff
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV6_OFFSET_MASK 0xfff8

struct cursor {
	void *at;
	void *end;
};

/* RFC 894. Unlike struct ethhdr not packed, so the compiler loads the type as one half-word. */
struct ethernet {
	__u8 destination[ETH_ALEN];
	__u8 source[ETH_ALEN];
	__be16 protocol;
};

/* The four bytes after the MAC addresses of a tagged frame (IEEE 802.1Q). */
struct vlan_tag {
	__be16 tci;
	__be16 protocol;
};

/* RFC 8200, section 4.5. */
struct ipv6_fragment {
	__u8 next_header;
	__u8 reserved;
	__be16 offset_and_flags;
	__be32 identification;
};

/* What lies behind the network header. */
struct transport {
	__u8 protocol;
	/* Not the first fragment: there is no transport header to be read. */
	bool later_fragment;
	bool fragment;
};

static __always_inline struct cursor cursor_of(const struct xdp_md *ctx)
{
	struct cursor cursor = {
		.at = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
	return cursor;
}

static __always_inline bool skip(struct cursor *cursor, __u32 size)
{
	if (cursor->at + size > cursor->end)
		return false;
	cursor->at += size;
	return true;
}

static __always_inline bool is_vlan(__be16 protocol)
{
	return protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD);
}

/* Ethernet and up to VLAN_TAGS_MAX tags; *protocol is the EtherType behind them. */
static __always_inline bool take_ethernet(struct cursor *cursor, __be16 *protocol)
{
	struct ethernet *ethernet = cursor->at;

	if (!skip(cursor, sizeof(*ethernet)))
		return false;
	*protocol = ethernet->protocol;
#pragma clang loop unroll(full)
	for (int i = 0; i < VLAN_TAGS_MAX && is_vlan(*protocol); i++) {
		struct vlan_tag *tag = cursor->at;

		if (!skip(cursor, sizeof(*tag)))
			return false;
		*protocol = tag->protocol;
	}
	return true;
}

/* Options are passed over. False too when version or header length contradict RFC 791. */
static __always_inline bool take_ipv4(struct cursor *cursor, struct iphdr **header,
				      struct transport *transport)
{
	struct iphdr *ip = cursor->at;

	if (cursor->at + sizeof(*ip) > cursor->end || ip->version != 4 || ip->ihl < 5)
		return false;
	/* One step of 20 to 60 bytes: of a step of ihl - 5 words the verifier would lose the bound. */
	if (!skip(cursor, ip->ihl * 4))
		return false;
	transport->protocol = ip->protocol;
	transport->later_fragment = ip->frag_off & bpf_htons(IPV4_OFFSET_MASK);
	transport->fragment = ip->frag_off & bpf_htons(IPV4_OFFSET_MASK | IPV4_MORE_FRAGMENTS);
	*header = ip;
	return true;
}

static __always_inline bool take_ipv6_fragment(struct cursor *cursor, struct transport *transport)
{
	struct ipv6_fragment *fragment = cursor->at;

	if (!skip(cursor, sizeof(*fragment)))
		return false;
	transport->protocol = fragment->next_header;
	transport->fragment = true;
	transport->later_fragment = fragment->offset_and_flags & bpf_htons(IPV6_OFFSET_MASK);
	return true;
}

static __always_inline bool take_ipv6_option(struct cursor *cursor, struct transport *transport)
{
	struct ipv6_opt_hdr *option = cursor->at;

	if (!skip(cursor, 8))
		return false;
	transport->protocol = option->nexthdr;
	/* hdrlen counts units of eight bytes beyond the first eight. */
	return skip(cursor, option->hdrlen * 8);
}

static __always_inline bool is_ipv6_option(__u8 protocol)
{
	return protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_ROUTING ||
	       protocol == IPPROTO_DSTOPTS;
}

/*
 * Up to IPV6_EXTENSIONS_MAX extension headers are passed over; what follows them, be it one more, is
 * the transport protocol. False too when the version is not 6.
 */
static __always_inline bool take_ipv6(struct cursor *cursor, struct ipv6hdr **header,
				      struct transport *transport)
{
	struct ipv6hdr *ip = cursor->at;

	if (!skip(cursor, sizeof(*ip)) || ip->version != 6)
		return false;
	transport->protocol = ip->nexthdr;
	transport->later_fragment = false;
	transport->fragment = false;
	*header = ip;
#pragma clang loop unroll(full)
	for (int i = 0; i < IPV6_EXTENSIONS_MAX; i++) {
		if (is_ipv6_option(transport->protocol)) {
			if (!take_ipv6_option(cursor, transport))
				return false;
		} else if (transport->protocol == IPPROTO_FRAGMENT && !transport->later_fragment) {
			if (!take_ipv6_fragment(cursor, transport))
				return false;
		} else {
			break;
		}
	}
	return true;
}

#endif
