// rule: a number is used as a pointer
// cause: not-a-pointer
// line: return *(unsigned char *)(long)ctx->rx_queue_index;
// reason: not a pointer
// advice: is only a number: keep it as a pointer
// counterexample: any
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
#ifdef MENDED
	return ctx->rx_queue_index & 1;
#else
	return *(unsigned char *)(long)ctx->rx_queue_index;
#endif
}
