// SPDX-License-Identifier: Apache-2.0
// CO-RE relocations of every kind against this object's own types.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inner {
	int numbers[3];
	union {
		int whole;
		struct {
			short low, high;
		};
	};
};

struct outer {
	int a;
	struct inner parts[4];
	char name[8];
	unsigned b : 3;
	int c : 7;
	unsigned long wide;
	void *pointer;
};

struct outer___old {
	long moved;
	unsigned int wide;
	struct {
		int whole;
	} parts[2];
	int gone;
};

#pragma clang attribute pop

enum color { RED = 3, GREEN = -4 };
enum color___old { GREEN___old = 9, BLUE___old = 8 };
enum large { LARGE = 0x123456789abULL };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct outer);
} values SEC(".maps");

// The other types are in the object because something refers to them.
enum color color;
enum large large;
long results[24];

SEC("xdp")
int fields(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct outer *o = bpf_map_lookup_elem(&values, &zero);

	if (!o)
		return XDP_ABORTED;
	results[0] = o->a;
	results[1] = o->parts[2].numbers[1];
	results[2] = o->parts[1].high;
	results[3] = o->name[3];
	results[4] = BPF_CORE_READ_BITFIELD(o, b);
	results[5] = BPF_CORE_READ_BITFIELD(o, c);
	results[6] = ((struct outer___old *)o)->wide;
	results[7] = ((struct outer___old *)o)->parts[1].whole;
	return XDP_PASS;
}

SEC("xdp")
int facts(struct xdp_md *ctx)
{
	results[0] = bpf_core_field_offset(struct outer, wide);
	results[1] = bpf_core_field_size(struct outer, parts);
	results[2] = bpf_core_field_exists(struct outer, pointer);
	results[3] = bpf_core_field_exists(struct outer___old, gone);
	results[4] = bpf_core_type_size(struct outer);
	results[5] = bpf_core_type_size(struct outer___old);
	results[6] = bpf_core_type_exists(struct outer___old);
	results[7] = bpf_core_type_matches(struct inner);
	results[8] = bpf_core_type_matches(struct outer___old);
	results[9] = bpf_core_enum_value(enum color, GREEN);
	results[10] = bpf_core_enum_value(enum color___old, GREEN___old);
	results[11] = bpf_core_enum_value_exists(enum color___old, BLUE___old);
	results[12] = bpf_core_enum_value(enum large, LARGE);
	results[13] = bpf_core_type_id_local(struct outer) != 0;
	return XDP_PASS;
}

SEC("xdp")
int dead(struct xdp_md *ctx)
{
	struct outer___old *o = bpf_map_lookup_elem(&values, &color);

	if (!o)
		return XDP_ABORTED;
	if (bpf_core_field_exists(o->gone))
		return o->gone;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
