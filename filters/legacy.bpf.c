// SPDX-License-Identifier: Apache-2.0
/*
 * A program as they were written before BTF: its map is defined in a section named `maps`, which libbpf
 * 1.0 and later refuse to load. Counts frames by EtherType and passes them.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Apache-2.0";

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

/* Key: the EtherType in network order; value: frames. */
struct bpf_map_def SEC("maps") ethertypes = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = sizeof(__be16),
	.value_size = sizeof(__u64),
	.max_entries = 256,
};

SEC("xdp")
int legacy(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = (void *)(long)ctx->data;
	__u64 first = 1;
	__u64 *frames;
	__be16 type;

	if ((void *)(ethernet + 1) > end)
		return XDP_DROP;
	type = ethernet->h_proto;
	frames = bpf_map_lookup_elem(&ethertypes, &type);
	if (frames)
		__sync_fetch_and_add(frames, 1);
	else
		bpf_map_update_elem(&ethertypes, &type, &first, BPF_ANY);
	return XDP_PASS;
}
