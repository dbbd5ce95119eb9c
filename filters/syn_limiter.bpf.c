// SPDX-License-Identifier: Apache-2.0
/*
 * Holds back SYN floods: a source may open so many TCP connections in a window of time, the rest of
 * its connection requests is dropped. Everything else passes untouched.
 */
#include "address.h"
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

/* Read-only once loaded; a loader may set others first. */
const volatile __u64 window_ns = 1000000000;
const volatile __u64 syns_per_window = 20;

struct window {
	__u64 began_ns;
	__u64 syns;
	__u64 dropped;
};

struct totals {
	struct count passed_other;
	struct count passed_syn;
	struct count dropped_syn;
};

/* LRU: sources that fell silent make room for those that are here. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct address);
	__type(value, struct window);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct totals);
} totals SEC(".maps");

/* True when the frame asks for a new TCP connection, and whom it says it comes from. */
static __always_inline bool is_syn(struct cursor *cursor, struct address *source)
{
	struct transport transport;
	struct tcphdr *tcp;
	__be16 protocol;

	if (!take_ethernet(cursor, &protocol))
		return false;
	if (protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip;

		if (!take_ipv4(cursor, &ip, &transport))
			return false;
		set_ipv4(source, ip->saddr);
	} else if (protocol == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip;

		if (!take_ipv6(cursor, &ip, &transport))
			return false;
		set_ipv6(source, &ip->saddr);
	} else {
		return false;
	}
	tcp = cursor->at;
	return transport.protocol == IPPROTO_TCP && !transport.later_fragment &&
	       skip(cursor, sizeof(*tcp)) && tcp->syn && !tcp->ack;
}

/*
 * Whether the source may send one more. Two CPUs that see the same source at once may both begin its
 * window: the limit is then a few requests too generous, which is what not locking costs.
 */
static __always_inline bool admit(const struct address *source)
{
	__u64 now = bpf_ktime_get_ns();
	struct window *window = bpf_map_lookup_elem(&sources, source);

	if (!window) {
		struct window first = { .began_ns = now, .syns = 1 };

		bpf_map_update_elem(&sources, source, &first, BPF_ANY);
		return true;
	}
	if (now - window->began_ns >= window_ns) {
		window->began_ns = now;
		window->syns = 0;
	}
	__sync_fetch_and_add(&window->syns, 1);
	if (window->syns <= syns_per_window)
		return true;
	__sync_fetch_and_add(&window->dropped, 1);
	return false;
}

SEC("xdp")
int syn_limiter(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	struct address source = {};
	struct totals *total;
	__u32 zero = 0;

	total = bpf_map_lookup_elem(&totals, &zero);
	if (!total)
		return XDP_ABORTED;
	if (!is_syn(&cursor, &source)) {
		add(&total->passed_other, frame_length(ctx));
		return XDP_PASS;
	}
	if (admit(&source)) {
		add(&total->passed_syn, frame_length(ctx));
		return XDP_PASS;
	}
	add(&total->dropped_syn, frame_length(ctx));
	return XDP_DROP;
}
