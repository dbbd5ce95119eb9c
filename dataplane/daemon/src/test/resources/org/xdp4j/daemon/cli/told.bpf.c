// SPDX-License-Identifier: Apache-2.0
// Says what it was told of the kernel, and sends frames where a device map says.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

extern int CONFIG_HZ __kconfig;

struct place {
	int wanted;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} told SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

SEC("xdp")
int tell(struct xdp_md *ctx)
{
	__u32 hz = 0, offset = 1, value = CONFIG_HZ;

	bpf_map_update_elem(&told, &hz, &value, BPF_ANY);
	value = bpf_core_field_offset(struct place, wanted);
	bpf_map_update_elem(&told, &offset, &value, BPF_ANY);
	return bpf_redirect_map(&ports, 0, XDP_DROP);
}
