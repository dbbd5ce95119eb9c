// rule: a loop goes round as often as a number without a bound says
// cause: too-complex
// reason: 1000000 instructions were followed
// advice: give the loop a small constant bound
// path: for (__u32 i = 0; i < rounds; i++) { |  is true
#include "mistake.h"

SEC("xdp") int PROGRAM(struct xdp_md *ctx)
{
	__u32 rounds = ctx->rx_queue_index, sum = 0;

#ifdef MENDED
	if (rounds > 64)
		rounds = 64;
#endif
	for (__u32 i = 0; i < rounds; i++) {
		sum += i ^ rounds;
		asm volatile("" : "+r"(sum));
	}
	return sum & 1;
}
