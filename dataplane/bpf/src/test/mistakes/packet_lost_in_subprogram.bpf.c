// rule: a subprogram moves the packet under its caller's pointer
// cause: packet-pointer-lost
// line: eth->h_dest[0] = 0;
// reason: it was a packet pointer until the call at instruction
// advice: behind the call, load data and data_end from the context again
// path: return bpf_xdp_adjust_head(ctx, 14); | this call may move the packet
// counterexample: yes
#include "mistake.h"

static __attribute__((noinline)) int cut(struct xdp_md *ctx)
{
	return bpf_xdp_adjust_head(ctx, 14);
}

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (cut(ctx))
		return XDP_PASS;
#ifdef MENDED
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	eth = data;
	if ((void *)(eth + 1) > end)
		return XDP_PASS;
#endif
	eth->h_dest[0] = 0;
	return XDP_PASS;
}
