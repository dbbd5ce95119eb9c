// SPDX-License-Identifier: Apache-2.0
/*
 * Pops, pushes or rewrites the outermost VLAN tag, as a map says for its VLAN.
 *
 *   pop       | macs | 8100 tci | type | ...   ->   | macs | type | ...
 *   push      | macs | type | ...              ->   | macs | 8100 tci | type | ...
 *   rewrite   | macs | 8100 tci | type | ...   ->   | macs | 8100 tci' | type | ...
 */
#include "count.h"
#include "parse.h"

char _license[] SEC("license") = "Apache-2.0";

#define VLAN_ID_MASK 0x0fff
/* The key that untagged frames are looked up by: no VLAN has this number. */
#define UNTAGGED 4096

enum change {
	CHANGE_NONE,
	CHANGE_POP,
	CHANGE_PUSH,
	CHANGE_REWRITE,
};

struct instruction {
	enum change change;
	/* The VLAN to push or to rewrite to; a rewrite keeps priority and drop eligibility. */
	__u16 vlan;
	__u16 zero;
};

struct changes {
	struct count unchanged;
	struct count popped;
	struct count pushed;
	struct count rewritten;
	struct count dropped;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4097);
	__type(key, __u32);
	__type(value, struct instruction);
} vlans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct changes);
} changes SEC(".maps");

/* The type of the tags pushed: 802.1Q, or 802.1ad for the outer tag of two. */
const volatile __u16 pushed_type = ETH_P_8021Q;

struct addresses {
	__u8 bytes[2 * ETH_ALEN];
};

struct tagged {
	struct addresses addresses;
	__be16 type;
	__be16 tci;
};

static __always_inline bool pop(struct xdp_md *ctx, const struct addresses *addresses)
{
	struct addresses *moved;

	if (bpf_xdp_adjust_head(ctx, sizeof(struct vlan_tag)))
		return false;
	moved = (void *)(long)ctx->data;
	if ((void *)(moved + 1) > (void *)(long)ctx->data_end)
		return false;
	*moved = *addresses;
	return true;
}

static __always_inline bool push(struct xdp_md *ctx, const struct addresses *addresses, __u16 vlan)
{
	struct tagged *tagged;

	if (bpf_xdp_adjust_head(ctx, -(int)sizeof(struct vlan_tag)))
		return false;
	tagged = (void *)(long)ctx->data;
	if ((void *)(tagged + 1) > (void *)(long)ctx->data_end)
		return false;
	tagged->addresses = *addresses;
	tagged->type = bpf_htons(pushed_type);
	tagged->tci = bpf_htons(vlan & VLAN_ID_MASK);
	return true;
}

static __always_inline __be16 with_vlan(__be16 tci, __u16 vlan)
{
	return (tci & bpf_htons(~VLAN_ID_MASK)) | bpf_htons(vlan & VLAN_ID_MASK);
}

static __always_inline int done(bool changed, struct changes *changes, struct count *count, __u64 bytes)
{
	if (!changed) {
		add(&changes->dropped, bytes);
		return XDP_DROP;
	}
	add(count, bytes);
	return XDP_PASS;
}

SEC("xdp")
int vlan_rewrite(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct tagged *frame = (void *)(long)ctx->data;
	__u64 bytes = frame_length(ctx);
	struct instruction *instruction;
	struct addresses addresses;
	struct changes *counts;
	__u32 vlan = UNTAGGED, zero = 0;

	counts = bpf_map_lookup_elem(&changes, &zero);
	if (!counts)
		return XDP_ABORTED;
	if ((void *)(frame + 1) > end)
		return done(false, counts, NULL, bytes);
	if (is_vlan(frame->type))
		vlan = bpf_ntohs(frame->tci) & VLAN_ID_MASK;
	instruction = bpf_map_lookup_elem(&vlans, &vlan);
	if (!instruction)
		return done(true, counts, &counts->unchanged, bytes);
	addresses = frame->addresses;
	switch (instruction->change) {
	case CHANGE_PUSH:
		return done(push(ctx, &addresses, instruction->vlan), counts, &counts->pushed, bytes);
	case CHANGE_POP:
		if (vlan == UNTAGGED)
			break;
		return done(pop(ctx, &addresses), counts, &counts->popped, bytes);
	case CHANGE_REWRITE:
		if (vlan == UNTAGGED)
			break;
		frame->tci = with_vlan(frame->tci, instruction->vlan);
		return done(true, counts, &counts->rewritten, bytes);
	default:
		break;
	}
	return done(true, counts, &counts->unchanged, bytes);
}
