/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of either family in one form, so that maps need one key type: IPv4 as an IPv4-mapped IPv6
 * address (RFC 4291, section 2.5.5.2). Plain bytes rather than struct in6_addr, whose union shows
 * every address three times wherever a map is printed.
 */
#ifndef XDP4J_ADDRESS_H
#define XDP4J_ADDRESS_H

#include <linux/in6.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct address {
	__u8 bytes[16];
} __attribute__((aligned(4)));

static __always_inline __u32 *words_of(struct address *address)
{
	return (__u32 *)address->bytes;
}

static __always_inline void set_ipv4(struct address *address, __be32 ipv4)
{
	__u32 *words = words_of(address);

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = ipv4;
}

static __always_inline void set_ipv6(struct address *address, const struct in6_addr *ipv6)
{
	__u32 *words = words_of(address);

	words[0] = ipv6->s6_addr32[0];
	words[1] = ipv6->s6_addr32[1];
	words[2] = ipv6->s6_addr32[2];
	words[3] = ipv6->s6_addr32[3];
}

static __always_inline bool is_ipv4(struct address *address)
{
	__u32 *words = words_of(address);

	return !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

#endif
