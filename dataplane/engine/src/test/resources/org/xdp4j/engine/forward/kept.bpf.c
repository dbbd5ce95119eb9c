// SPDX-License-Identifier: Apache-2.0
// Versions of programs that go on with each other's maps: built once a version, with OWN and INNER
// the names of maps that only that version has.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CLOCK_MONOTONIC 1
#define MILLISECOND 1000000

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} OWN SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_cpumap_val));
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} hashed SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} INNER SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [1] = &INNER } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct inner);
} outers SEC(".maps") = { .values = { [1] = &INNER } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u64);
	__array(values, struct inner);
} by_word SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} go SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 17);
	__type(key, __u32);
	__type(value, __u32);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 8);
	__type(value, __u32);
} queued SEC(".maps");

struct timed {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct timed);
} timers SEC(".maps");

static __always_inline void add(void *map, __u32 key)
{
	__u64 *count = bpf_map_lookup_elem(map, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
}

SEC("xdp")
int jump(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 0);
	return XDP_DROP;
}

SEC("xdp")
int jumped(struct xdp_md *ctx)
{
	add(&OWN, 0);
	bpf_tail_call(ctx, &next, 1);
	return XDP_TX;
}

SEC("xdp")
int to_cpu(struct xdp_md *ctx)
{
	return bpf_redirect_map(&cpus, 1, 0);
}

SEC("xdp/cpumap")
int on_cpu(struct xdp_md *ctx)
{
	add(&OWN, 0);
	return XDP_PASS;
}

SEC("xdp")
int to_port(struct xdp_md *ctx)
{
	return bpf_redirect_map(&ports, 2, 0);
}

SEC("xdp")
int to_hashed(struct xdp_md *ctx)
{
	return bpf_redirect_map(&hashed, 2, 0);
}

SEC("xdp/devmap")
int on_port(struct xdp_md *ctx)
{
	__u32 key = 2;
	// The map that it stands in, so that either holds the other.
	if (!bpf_map_lookup_elem(&ports, &key) && !bpf_map_lookup_elem(&hashed, &key))
		return XDP_DROP;
	add(&OWN, 0);
	return XDP_PASS;
}

static __always_inline int mark(struct xdp_md *ctx, __u8 with)
{
	__u8 *data = (void *)(long)ctx->data;
	if (data + 12 > (__u8 *)(long)ctx->data_end)
		return XDP_DROP;
	data[11] = with;
	return XDP_PASS;
}

SEC("xdp/devmap")
int to_first(struct xdp_md *ctx)
{
	return mark(ctx, 1);
}

SEC("xdp/devmap")
int to_second(struct xdp_md *ctx)
{
	return mark(ctx, 2);
}

__noinline int stamp(struct xdp_md *ctx)
{
	volatile int as_it_is = XDP_PASS;
	return as_it_is;
}

SEC("xdp/devmap")
int stamped_there(struct xdp_md *ctx)
{
	return stamp(ctx);
}

SEC("xdp")
int stamped(struct xdp_md *ctx)
{
	return stamp(ctx);
}

static __always_inline int in(void *outermost)
{
	__u32 key = 1;
	void *inner = bpf_map_lookup_elem(outermost, &key);
	if (!inner)
		return XDP_DROP;
	add(inner, 0);
	return XDP_TX;
}

SEC("xdp")
int look(struct xdp_md *ctx)
{
	return in(&outer);
}

SEC("xdp")
int look_by_key(struct xdp_md *ctx)
{
	return in(&outers);
}

SEC("xdp")
int look_by_word(struct xdp_md *ctx)
{
	__u64 key = 1;
	void *inner = bpf_map_lookup_elem(&by_word, &key);
	if (!inner)
		return XDP_DROP;
	add(inner, 0);
	return XDP_TX;
}

SEC("xdp")
int look_and_add(struct xdp_md *ctx)
{
	add(&OWN, 0);
	return in(&outer);
}

SEC("xdp")
int look_by_key_and_add(struct xdp_md *ctx)
{
	add(&OWN, 0);
	return in(&outers);
}

static long is_open(__u32 index, void *unused)
{
	__u32 key = 0;
	volatile __u64 *open = bpf_map_lookup_elem(&go, &key);
	return !open || *open;
}

static long wait_longer(__u32 index, void *unused)
{
	bpf_loop(1 << 20, is_open, 0, 0);
	return is_open(0, 0);
}

SEC("xdp/cpumap")
int wait(struct xdp_md *ctx)
{
	add(&go, 1);
	bpf_loop(1 << 20, wait_longer, 0, 0);
	add(&OWN, 0);
	return XDP_PASS;
}

SEC("xdp")
int block(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	return bpf_map_lookup_elem(&blocked, &key) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int line(struct xdp_md *ctx)
{
	__u32 value;
	return bpf_map_peek_elem(&queued, &value) || is_open(0, 0) ? XDP_TX : XDP_DROP;
}

static int tick(void *map, __u32 *key, struct timed *value)
{
	add(&OWN, 0);
	bpf_timer_start(&value->timer, MILLISECOND, 0);
	return 0;
}

SEC("xdp")
int arm(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct timed none = {};
	if (bpf_map_update_elem(&timers, &key, &none, BPF_NOEXIST))
		return XDP_TX;
	struct timed *value = bpf_map_lookup_elem(&timers, &key);
	if (!value)
		return XDP_DROP;
	bpf_timer_init(&value->timer, &timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&value->timer, tick);
	bpf_timer_start(&value->timer, MILLISECOND, 0);
	return XDP_TX;
}

SEC("xdp")
int peek(struct xdp_md *ctx)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&timers, &key) ? XDP_TX : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
