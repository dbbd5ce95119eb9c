// rule: a field of the context is written
// cause: context-access
// line: ctx->rx_queue_index = 1;
// reason: fields of struct xdp_md cannot be written
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
#ifdef MENDED
	asm volatile("" : : "r"(ctx->rx_queue_index));
#else
	ctx->rx_queue_index = 1;
#endif
	return XDP_PASS;
}
