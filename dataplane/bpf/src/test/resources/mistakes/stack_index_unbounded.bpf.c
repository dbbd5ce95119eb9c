// rule: an index into an array on the stack may lie behind its end
// cause: stack-bounds
// line: return buffer[i];
// reason: a load of 1 byte at offset 0 from it
// advice: check the index before: nothing at the frame's top or above it
// counterexample: any
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	unsigned char buffer[16];
	__u32 i = ctx->rx_queue_index;

	__builtin_memset(buffer, 1, sizeof(buffer));
	asm volatile("" : : "r"(buffer) : "memory");
#ifdef MENDED
	if (i > 15)
		return XDP_PASS;
#else
	if (i > 255)
		return XDP_PASS;
#endif
	return buffer[i];
}
