// SPDX-License-Identifier: Apache-2.0
// A map of every type with typed keys and values, filled by one run.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum verdict { NONE, ALLOW = 3, DENY = 70000 };

struct flow {
	__u32 from;
	__u16 port;
	__u8 mac[6];
	char name[8];
	_Bool known;
};

struct point {
	int x, y;
};

union number {
	__u64 whole;
	__u32 half[2];
};

struct counted {
	__u64 packets;
	__s64 balance;
	enum verdict verdict;
	unsigned int low : 3, high : 5;
	signed int signs : 4;
	struct point at;
	struct point path[2];
	union number number;
	union {
		__u32 left;
		__s32 right;
	};
	void *pointer;
	char letter;
};

#define MAP(kind, map_name, count, K, V, ...)                                                    \
	struct {                                                                                 \
		__uint(type, BPF_MAP_TYPE_##kind);                                               \
		__uint(max_entries, count);                                                      \
		__type(key, K);                                                                  \
		__type(value, V);                                                                \
		__VA_ARGS__                                                                      \
	} map_name SEC(".maps")

MAP(HASH, hash, 8, struct flow, struct counted);
MAP(LRU_HASH, lru, 8, __u32, struct counted);
MAP(PERCPU_HASH, percpu_hash, 8, struct point, struct counted);
MAP(LRU_PERCPU_HASH, lru_percpu, 8, __s32, struct point);
MAP(ARRAY, array, 3, __u32, struct counted);
MAP(PERCPU_ARRAY, percpu, 2, __u32, struct point);
MAP(LPM_TRIE, lpm, 8, struct point, struct point, __uint(map_flags, 1););
MAP(PROG_ARRAY, programs, 2, __u32, __u32);
MAP(PERF_EVENT_ARRAY, events, 2, __u32, __u32);
MAP(DEVMAP, dev, 4, __u32, struct bpf_devmap_val);
MAP(DEVMAP_HASH, dev_hash, 4, __u32, __u32);
MAP(CPUMAP, cpu, 2, __u32, struct bpf_cpumap_val);
MAP(XSKMAP, xsk, 4, __u32, __u32);

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4);
	__type(value, struct point);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 4);
	__type(value, struct point);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 4);
	__type(value, struct point);
} bloom SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct point);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} maps SEC(".maps") = { .values = { [1] = &inner } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} maps_hash SEC(".maps") = { .values = { [1] = &inner } };

struct point start = { -7, 8 };
__u64 seen;
enum verdict last;
static volatile int hidden = 5;
const volatile struct counted limits = { .packets = 9, .verdict = ALLOW, .letter = 'q' };

SEC("xdp")
int fill(struct xdp_md *ctx)
{
	struct flow flow = { 1, 2, { 1, 2, 3, 4, 5, 0xff }, "eth0", 1 };
	struct counted counted = {};
	struct point point = { 16, -2 };
	__u32 key = 1;
	__s32 minus = -1;
	struct point *there;
	struct counted *slot;

	counted.packets = 1ull << 63;
	counted.balance = -5;
	counted.verdict = DENY;
	counted.low = 5;
	counted.high = 17;
	counted.signs = -3;
	counted.at = point;
	counted.path[1] = point;
	counted.number.half[1] = 6;
	counted.left = 0xffffffff;
	counted.pointer = (void *)0x1234;
	counted.letter = 'x';
	bpf_map_update_elem(&hash, &flow, &counted, 0);
	bpf_map_update_elem(&lru, &key, &counted, 0);
	bpf_map_update_elem(&percpu_hash, &point, &counted, 0);
	bpf_map_update_elem(&lru_percpu, &minus, &point, 0);
	bpf_map_update_elem(&lpm, &point, &point, 0);
	slot = bpf_map_lookup_elem(&array, &key);
	if (slot)
		*slot = counted;
	there = bpf_map_lookup_elem(&percpu, &key);
	if (there)
		*there = point;
	there = bpf_map_lookup_elem(&inner, &key);
	if (there)
		*there = point;
	bpf_map_push_elem(&queue, &point, 0);
	bpf_map_push_elem(&stack, &point, 0);
	bpf_map_push_elem(&bloom, &point, 0);
	point.x = 99;
	bpf_map_push_elem(&queue, &point, 0);
	bpf_map_push_elem(&stack, &point, 0);
	seen += limits.packets + hidden + start.x;
	hidden = seen;
	last = DENY;
	if (ctx->rx_queue_index == 77) {
		bpf_tail_call(ctx, &programs, 0);
		bpf_perf_event_output(ctx, &events, 0, &key, 4);
		bpf_ringbuf_output(&ring, &key, 4, 0);
		bpf_redirect_map(&dev_hash, key, 0);
		bpf_redirect_map(&cpu, key, 0);
		bpf_redirect_map(&xsk, key, 0);
		if (bpf_map_lookup_elem(&maps, &key) || bpf_map_lookup_elem(&maps_hash, &key))
			return XDP_DROP;
		return bpf_redirect_map(&dev, key, 0);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
