// Looks at the whole of frames of any size, and changes both of their ends.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct seen {
	__u64 frames;
	__u64 bytes;
	__u64 linear;
	__u32 ends;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

#define SHORTER 8

static __always_inline int look(struct xdp_md *ctx)
{
	__u64 length = bpf_xdp_get_buff_len(ctx);
	__u32 key = 0, first, last;
	struct seen *all = bpf_map_lookup_elem(&seen, &key);

	if (!all || bpf_xdp_load_bytes(ctx, length - 4, &last, 4) ||
	    bpf_xdp_load_bytes(ctx, 0, &first, 4))
		return XDP_ABORTED;
	all->frames++;
	all->bytes += length;
	all->linear += ctx->data_end - ctx->data;
	all->ends = all->ends * 31 + (first ^ last);
	last ^= 0xffffffff;
	if (bpf_xdp_store_bytes(ctx, length - 12, &last, 4) ||
	    bpf_xdp_store_bytes(ctx, 0, &last, 4) ||
	    bpf_xdp_adjust_tail(ctx, -SHORTER))
		return XDP_DROP;
	return XDP_PASS;
}

SEC("xdp.frags")
int in_parts(struct xdp_md *ctx)
{
	return look(ctx);
}

SEC("xdp")
int in_one(struct xdp_md *ctx)
{
	return look(ctx);
}

char gpl[] SEC("license") = "GPL";
