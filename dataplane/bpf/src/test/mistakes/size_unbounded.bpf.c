// rule: a size without a bound is given to a helper
// cause: unbounded-index
// line: bpf_xdp_load_bytes(ctx, 0, buffer, size);
// reason: and a size needs an upper bound; check it first
// advice: give it bounds right before its use
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	unsigned char buffer[16] = {};
	__u32 size = ctx->rx_queue_index | 1;

#ifdef MENDED
	if (size > sizeof(buffer))
		return XDP_PASS;
#endif
	bpf_xdp_load_bytes(ctx, 0, buffer, size);
	return buffer[0] & 1;
}
