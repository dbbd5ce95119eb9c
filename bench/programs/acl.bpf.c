// SPDX-License-Identifier: Apache-2.0
/*
 * A stateful access list: a known flow passes and is stamped; a new one is looked up among the rules,
 * first by its source's network, then by its port, and is known from then on when they allow it.
 */
#include "count.h"
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

struct state {
	__u64 last_seen;
	struct count count;
};

struct prefix {
	__u32 length;
	__be32 address;
};

struct service {
	__u16 protocol;
	__be16 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 131072);
	__type(key, struct flow);
	__type(value, struct state);
} known SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} networks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct service);
	__type(value, __u32);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct count);
} decisions SEC(".maps");

enum decision { KNOWN, ALLOWED, REFUSED, OTHER };

static __always_inline int decide(__u32 decision, __u64 bytes, int action)
{
	struct count *count = bpf_map_lookup_elem(&decisions, &decision);

	if (count)
		add(count, bytes);
	return action;
}

SEC("xdp")
int acl(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);
	__u64 bytes = frame_length(ctx);
	struct prefix network = { .length = 32 };
	struct service service;
	struct state *state, fresh = {};
	struct flow flow;
	__u32 *turn;

	turn = take_flow(&cursor, choices, &flow);
	if (!turn)
		return decide(OTHER, bytes, XDP_PASS);
	state = bpf_map_lookup_elem(&known, &flow);
	turn_on(turn);
	if (state) {
		state->last_seen = bpf_ktime_get_ns();
		add(&state->count, bytes);
		return decide(KNOWN, bytes, XDP_PASS);
	}
	network.address = flow.source;
	service.protocol = flow.protocol;
	service.port = flow.destination_port;
	if (bpf_map_lookup_elem(&networks, &network) || !bpf_map_lookup_elem(&services, &service))
		return decide(REFUSED, bytes, XDP_DROP);
	fresh.last_seen = bpf_ktime_get_ns();
	add(&fresh.count, bytes);
	bpf_map_update_elem(&known, &flow, &fresh, BPF_ANY);
	return decide(ALLOWED, bytes, XDP_PASS);
}
