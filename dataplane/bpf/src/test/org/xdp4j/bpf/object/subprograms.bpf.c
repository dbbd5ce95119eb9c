// SPDX-License-Identifier: Apache-2.0
// Subprograms of every kind: static, global, weak, hidden, as callbacks, in the program's section.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

__noinline int global_add(int a, int b)
{
	return a + b;
}

__weak __noinline int weak_flip(int a)
{
	return a ^ 3;
}

__hidden __noinline int hidden_twice(int a)
{
	return weak_flip(a) * 2;
}

static __noinline int static_sum(int a)
{
	return hidden_twice(a) + global_add(a, 3);
}

struct bpf_map;

static long each(struct bpf_map *map, __u32 *key, __u64 *value, void *sum)
{
	*(__u64 *)sum += *value + *key;
	return 0;
}

SEC("xdp")
int first(struct xdp_md *ctx)
{
	return static_sum(ctx->rx_queue_index) & 3;
}

SEC("xdp")
int second(struct xdp_md *ctx)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&totals, each, &sum, 0);
	return sum + global_add(ctx->ingress_ifindex, 1);
}

SEC("xdp/own") static __noinline int own(int a)
{
	return a * 7;
}

SEC("xdp/own")
int third(struct xdp_md *ctx)
{
	return own(ctx->rx_queue_index) & 1;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
