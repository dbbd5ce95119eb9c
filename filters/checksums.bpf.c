// SPDX-License-Identifier: Apache-2.0
/*
 * Verifies every IPv4, TCP, UDP and ICMP checksum, counts those that are wrong and, if asked to, drops
 * their frames. A capture of frames that the sending machine itself recorded shows how many it
 * left to its network card.
 */
#include "checksum.h"
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

#define FRAME_MAX 1514
#define WORDS_MAX (FRAME_MAX / 2)

/* Read-only once loaded; a loader may set others first. */
const volatile bool drop_wrong = false;

struct results {
	struct count right;
	struct count wrong_ip;
	struct count wrong_transport;
	struct count unchecked;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct results);
} results SEC(".maps");

/* The sum of the length bytes from offset on, as 16-bit words; -1 when the frame has fewer. */
__noinline __s64 sum_of(struct xdp_md *ctx, __u32 offset, __u32 length)
{
	void *end = (void *)(long)ctx->data_end;
	__u8 *at = (void *)(long)ctx->data;
	__s64 sum = 0;

	if (offset > FRAME_MAX || length > FRAME_MAX)
		return -1;
	at += offset;
	for (int i = 0; i < WORDS_MAX; i++) {
		if (length < 2)
			break;
		/* Keeps the compiler from comparing with end - 1 instead, which the verifier refuses. */
		asm volatile("" : "+r"(at));
		if ((void *)(at + 2) > end)
			return -1;
		sum += *(__u16 *)at;
		at += 2;
		length -= 2;
	}
	if (length == 1) {
		if ((void *)(at + 1) > end)
			return -1;
		sum += *at;
	}
	return sum;
}

static __noinline bool has_checksum(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP ||
	       protocol == IPPROTO_ICMPV6;
}

/* What a transport checksum covers besides the packet's payload: RFC 768, RFC 793, RFC 8200. */
static __always_inline __u64 pseudo_header(const void *addresses, __u32 words, __u32 length,
					   __u8 protocol)
{
	__u64 sum = (__u64)bpf_htons(length) + bpf_htons(protocol);
	const __u32 *word = addresses;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < words; i++)
		sum += word[i];
	return sum;
}

static __always_inline int judge(struct xdp_md *ctx, struct count *count, bool wrong)
{
	add(count, frame_length(ctx));
	return wrong && drop_wrong ? XDP_DROP : XDP_PASS;
}

static __always_inline int judge_transport(struct xdp_md *ctx, struct results *results,
					   __u32 offset, __u32 length, __u64 pseudo)
{
	__s64 sum = sum_of(ctx, offset, length);

	if (sum < 0)
		return judge(ctx, &results->unchecked, false);
	if (fold(sum + pseudo) != 0xffff)
		return judge(ctx, &results->wrong_transport, true);
	return judge(ctx, &results->right, false);
}

static __always_inline int judge_ipv4(struct xdp_md *ctx, struct results *results,
				      struct cursor *cursor)
{
	void *data = (void *)(long)ctx->data;
	struct transport transport;
	__u32 offset, length;
	__u64 pseudo = 0;
	struct iphdr *ip;

	if (!take_ipv4(cursor, &ip, &transport))
		return judge(ctx, &results->unchecked, false);
	if (ip->ihl == 5 && ipv4_sum(ip) != 0xffff)
		return judge(ctx, &results->wrong_ip, true);
	offset = cursor->at - data;
	length = bpf_ntohs(ip->tot_len) - ip->ihl * 4;
	if (transport.fragment || !has_checksum(transport.protocol) || length > FRAME_MAX)
		return judge(ctx, &results->unchecked, false);
	if (transport.protocol == IPPROTO_UDP) {
		struct udphdr *udp = cursor->at;

		/* 0 says that the sender did not compute one. */
		if (!skip(cursor, sizeof(*udp)) || !udp->check)
			return judge(ctx, &results->unchecked, false);
	}
	if (transport.protocol != IPPROTO_ICMP)
		pseudo = pseudo_header(&ip->saddr, 2, length, transport.protocol);
	return judge_transport(ctx, results, offset, length, pseudo);
}

static __always_inline int judge_ipv6(struct xdp_md *ctx, struct results *results,
				      struct cursor *cursor)
{
	void *data = (void *)(long)ctx->data;
	struct transport transport;
	__u32 offset, length;
	struct ipv6hdr *ip;
	__u64 pseudo;

	if (!take_ipv6(cursor, &ip, &transport))
		return judge(ctx, &results->unchecked, false);
	offset = cursor->at - data;
	length = bpf_ntohs(ip->payload_len) - (cursor->at - (void *)(ip + 1));
	if (transport.fragment || !has_checksum(transport.protocol) || length > FRAME_MAX)
		return judge(ctx, &results->unchecked, false);
	pseudo = pseudo_header(&ip->saddr, 8, length, transport.protocol);
	return judge_transport(ctx, results, offset, length, pseudo);
}

SEC("xdp")
int checksums(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct results *counts;
	__be16 protocol;
	__u32 zero = 0;

	counts = bpf_map_lookup_elem(&results, &zero);
	if (!counts)
		return XDP_ABORTED;
	if (take_ethernet(&cursor, &protocol)) {
		if (protocol == bpf_htons(ETH_P_IP))
			return judge_ipv4(ctx, counts, &cursor);
		if (protocol == bpf_htons(ETH_P_IPV6))
			return judge_ipv6(ctx, counts, &cursor);
	}
	return judge(ctx, &counts->unchecked, false);
}
