// SPDX-License-Identifier: Apache-2.0
/* One look-up in one map, and hardly anything else: a program a type. */
#include "rotate.h"

char _license[] SEC("license") = "Apache-2.0";

struct prefix {
	__u32 length;
	__be32 address;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1048576);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1048576);
	__type(key, __u32);
	__type(value, __u64);
} lru SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1048576);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u64);
} lpm SEC(".maps");

static __always_inline int verdict(const __u64 *value)
{
	return value && *value ? XDP_DROP : XDP_PASS;
}

/* The frame's generator, where its headers are as every other program here finds them to be. */
static __always_inline __u32 *turn_of(struct xdp_md *ctx)
{
	struct cursor cursor = cursor_of(ctx);

	if (!skip(&cursor, sizeof(struct ethernet) + sizeof(struct iphdr) + sizeof(struct udphdr)))
		return NULL;
	return take_turn(&cursor);
}

SEC("xdp")
int look_up_hash(struct xdp_md *ctx)
{
	__u32 *turn = turn_of(ctx);
	__u64 *value;
	__u32 key;

	if (!turn)
		return XDP_ABORTED;
	key = spread(choose_by(turn, choices));
	value = bpf_map_lookup_elem(&hash, &key);
	turn_on(turn);
	return verdict(value);
}

SEC("xdp")
int look_up_lru(struct xdp_md *ctx)
{
	__u32 *turn = turn_of(ctx);
	__u64 *value;
	__u32 key;

	if (!turn)
		return XDP_ABORTED;
	key = spread(choose_by(turn, choices));
	value = bpf_map_lookup_elem(&lru, &key);
	turn_on(turn);
	return verdict(value);
}

SEC("xdp")
int look_up_lpm(struct xdp_md *ctx)
{
	__u32 *turn = turn_of(ctx);
	struct prefix key = { .length = 32 };
	__u64 *value;

	if (!turn)
		return XDP_ABORTED;
	key.address = bpf_htonl(spread(choose_by(turn, choices)));
	value = bpf_map_lookup_elem(&lpm, &key);
	turn_on(turn);
	return verdict(value);
}

/* What choosing a key costs by itself. */
SEC("xdp")
int choose(struct xdp_md *ctx)
{
	__u32 *turn = turn_of(ctx);
	__u32 key;

	if (!turn)
		return XDP_ABORTED;
	key = spread(choose_by(turn, choices));
	turn_on(turn);
	return key ? XDP_DROP : XDP_PASS;
}
