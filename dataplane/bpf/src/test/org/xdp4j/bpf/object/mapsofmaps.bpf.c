// SPDX-License-Identifier: Apache-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counters {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
};

struct counters first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct counters);
} by_index SEC(".maps") = {
	.values = { [1] = &first, [2] = &second },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct counters);
} by_key SEC(".maps") = {
	.values = { [1] = &first, [3] = &second },
};

static __always_inline long add(void *outer, __u32 key, __u64 number)
{
	__u32 index = 3;
	void *inner = bpf_map_lookup_elem(outer, &key);
	__u64 *counter;

	if (!inner)
		return -1;
	counter = bpf_map_lookup_elem(inner, &index);
	if (!counter)
		return -2;
	return *counter += number;
}

SEC("xdp")
int nested(struct xdp_md *ctx)
{
	if (add(&by_index, 0, 1) != -1 || add(&by_key, 2, 1) != -1)
		return 1;
	add(&by_index, 2, 70);
	add(&by_index, 1, 5);
	return add(&by_key, 3, 7);
}

char _license[] SEC("license") = "GPL";
